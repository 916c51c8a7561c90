# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::System::KivitendoBridge::Call;

use strict;
use warnings;

use Kernel::System::KivitendoBridge;

our @ObjectDependencies = (
    'Kernel::System::Group',
    'Kernel::System::KivitendoBridge::Product',
    'Kernel::System::User',
);

# What the operations share: who may call them, and how they answer when something is wrong. An operation brings
# Name(), Problem($Data) and Answer(Data, UserID, UserLogin); why it does not inherit this is told in Kind.pm.

sub new {
    my ( $Type, %Param ) = @_;

    return bless {}, $Type;
}

sub Run {
    my ( $Self, %Param ) = @_;

    my $Operation = $Param{Operation};
    my $Data      = ref $Param{Data} eq 'HASH' ? $Param{Data} : {};

    my ( $UserID, $UserType ) = $Operation->Auth( Data => $Data );
    if ( !$UserID || ( $UserType // '' ) eq 'Customer' ) {
        return $Self->_Refuse( $Operation, 'AuthFail', 'Authorization failing!' );
    }

    my $GroupName     = $Kernel::System::KivitendoBridge::GROUP;
    my $Login         = $Kernel::OM->Get('Kernel::System::User')->UserLookup( UserID => $UserID );
    my $HasPermission = $Kernel::OM->Get('Kernel::System::Group')->PermissionCheck(
        UserID    => $UserID,
        GroupName => $GroupName,
        Type      => 'rw',
    );
    if ( !$HasPermission ) {
        return $Self->_Refuse(
            $Operation, 'AccessDenied',
            "The agent $Login has no rw permission in the group $GroupName."
        );
    }

    my $Problem = $Operation->Problem($Data);
    return $Self->_Refuse( $Operation, 'InvalidParameter', $Problem ) if $Problem;

    my $Answer = eval { $Operation->Answer( Data => $Data, UserID => $UserID, UserLogin => $Login ) };
    if ( !$Answer ) {
        my $Reason = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Product')->Sentence( $@ || 'unknown reason' );
        return $Self->_Refuse( $Operation, 'Failed', $Reason );
    }

    return {
        Success => 1,
        Data    => $Answer,
    };
}

sub _Refuse {
    my ( $Self, $Operation, $Code, $Message ) = @_;

    my $Name = $Operation->Name();

    return $Operation->ReturnError(
        ErrorCode    => "$Name.$Code",
        ErrorMessage => "$Name: $Message",
    );
}

# Is it a string that looks like this?
sub Matches {
    my ( $Self, $Value, $Pattern ) = @_;

    return defined $Value && !ref $Value && $Value =~ $Pattern;
}

# Is it a list of at most so many such strings?
sub IsListOf {
    my ( $Self, $List, $Pattern ) = @_;

    return ref $List eq 'ARRAY'
        && @{$List} <= $Kernel::System::KivitendoBridge::MAX_RECORDS
        && !grep { !$Self->Matches( $_, $Pattern ) } @{$List};
}

# 0 or 1 for a number, a string or a JSON boolean; undef for anything else.
sub Flag {
    my ( $Self, $Value ) = @_;

    return if !defined $Value || ref $Value eq 'HASH' || ref $Value eq 'ARRAY';
    return "$Value" eq '1' ? 1 : "$Value" eq '0' ? 0 : undef;
}

# Why this cannot be the name of an instance; empty when it can.
sub InstanceProblem {
    my ( $Self, $Instance ) = @_;

    return '' if defined $Instance && !ref $Instance && $Instance =~ m{\A[a-z0-9][a-z0-9-]{0,29}\z}xms;
    return 'Instance must be 1 to 30 lower-case letters, digits or hyphens, and not begin with a hyphen.';
}

1;
