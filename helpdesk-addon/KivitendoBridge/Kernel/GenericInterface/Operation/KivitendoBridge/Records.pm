# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::GenericInterface::Operation::KivitendoBridge::Records;

use strict;
use warnings;

use Kernel::System::KivitendoBridge;

use parent qw(Kernel::GenericInterface::Operation::Common);

our $ObjectManagerDisabled = 1;

# KivitendoBridge::Records: reads companies and customer users, many in one call.

sub new {
    my ( $Type, %Param ) = @_;

    return bless { map { $_ => $Param{$_} } qw(DebuggerObject WebserviceID) }, $Type;
}

sub Name {
    return 'KivitendoBridgeRecords';
}

sub Run {
    my ( $Self, %Param ) = @_;

    return $Kernel::OM->Get('Kernel::System::KivitendoBridge::Call')->Run(
        Operation => $Self,
        Data      => $Param{Data},
    );
}

sub Problem {
    my ( $Self, $Data ) = @_;

    my $CallObject = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Call');
    my $Problem    = $CallObject->InstanceProblem( $Data->{Instance} );
    return $Problem if $Problem;

    return 'Type must be Company or User.' if !$CallObject->Matches( $Data->{Type}, qr{\A(?:Company|User)\z}xms );
    return 'Exactly one of Keys, RowIds and After must be there.' if 1 != grep { defined $Data->{$_} } qw(Keys RowIds After);
    return 'Tickets must be 0 or 1.' if defined $Data->{Tickets} && !defined $CallObject->Flag( $Data->{Tickets} );

    my $Most = $Kernel::System::KivitendoBridge::MAX_RECORDS;
    return "Keys must be a list of at most $Most strings."
        if defined $Data->{Keys} && !$CallObject->IsListOf( $Data->{Keys}, qr{\A}xms );
    return "RowIds must be a list of at most $Most strings of 1 to 20 digits."
        if defined $Data->{RowIds} && !$CallObject->IsListOf( $Data->{RowIds}, qr{\A[0-9]{1,20}\z}xms );
    return '' if !defined $Data->{After};

    return 'After must be a string.' if ref $Data->{After};
    return "Limit must be 1 to $Most."
        if !$CallObject->Matches( $Data->{Limit}, qr{\A[1-9][0-9]{0,3}\z}xms ) || $Data->{Limit} > $Most;
    return 'Owner must be ours, unowned or any.'
        if defined $Data->{Owner} && !$CallObject->Matches( $Data->{Owner}, qr{\A(?:ours|unowned|any)\z}xms );
    return '';
}

sub Answer {
    my ( $Self, %Param ) = @_;

    my $Data = $Param{Data};

    return $Kernel::OM->Get('Kernel::System::KivitendoBridge::Records')->Run(
        ( map { $_ => $Data->{$_} } qw(Instance Type Keys RowIds After Limit) ),
        Owner   => $Data->{Owner} // 'any',
        Tickets => $Kernel::OM->Get('Kernel::System::KivitendoBridge::Call')->Flag( $Data->{Tickets} // 0 ),
    );
}

1;
