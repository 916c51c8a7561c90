# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::GenericInterface::Operation::KivitendoBridge::Common;

use strict;
use warnings;

use Kernel::System::KivitendoBridge;

use parent qw(Kernel::GenericInterface::Operation::Common);

our $ObjectManagerDisabled = 1;

# What both operations share: who may call them, and how they answer when something is wrong.

sub new {
    my ( $Type, %Param ) = @_;

    my $Self = bless {}, $Type;

    for my $Needed (qw(DebuggerObject WebserviceID)) {
        if ( !$Param{$Needed} ) {
            return {
                Success      => 0,
                ErrorMessage => "Got no $Needed!",
            };
        }
        $Self->{$Needed} = $Param{$Needed};
    }

    return $Self;
}

sub Run {
    my ( $Self, %Param ) = @_;

    my $Data = ref $Param{Data} eq 'HASH' ? $Param{Data} : {};

    my ( $UserID, $UserType ) = $Self->Auth( Data => $Data );
    if ( !$UserID || ( $UserType // '' ) eq 'Customer' ) {
        return $Self->Refuse( 'AuthFail', 'Authorization failing!' );
    }

    my $HasPermission = $Kernel::OM->Get('Kernel::System::Group')->PermissionCheck(
        UserID    => $UserID,
        GroupName => $Kernel::System::KivitendoBridge::GROUP,
        Type      => 'rw',
    );
    my $Login = $Kernel::OM->Get('Kernel::System::User')->UserLookup( UserID => $UserID );
    if ( !$HasPermission ) {
        return $Self->Refuse(
            'AccessDenied',
            "The agent $Login has no rw permission in the group $Kernel::System::KivitendoBridge::GROUP."
        );
    }

    my $Problem = $Self->Problem($Data);
    return $Self->Refuse( 'InvalidParameter', $Problem ) if $Problem;

    my $Answer = eval { $Self->Answer( Data => $Data, UserID => $UserID, UserLogin => $Login ) };
    if ( !$Answer ) {
        my $Reason = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Product')->Sentence( $@ || 'unknown reason' );
        return $Self->Refuse( 'Failed', $Reason );
    }

    return {
        Success => 1,
        Data    => $Answer,
    };
}

sub Refuse {
    my ( $Self, $Code, $Message ) = @_;

    my $Operation = $Self->OperationName();

    return $Self->ReturnError(
        ErrorCode    => "$Operation.$Code",
        ErrorMessage => "$Operation: $Message",
    );
}

# Why this name of an instance cannot be one; empty when it can.
sub InstanceProblem {
    my ( $Self, $Instance ) = @_;

    return '' if defined $Instance && !ref $Instance && $Instance =~ m{\A[a-z0-9][a-z0-9-]{0,29}\z}xms;
    return 'Instance must be 1 to 30 lower-case letters, digits or hyphens, and not begin with a hyphen.';
}

1;
