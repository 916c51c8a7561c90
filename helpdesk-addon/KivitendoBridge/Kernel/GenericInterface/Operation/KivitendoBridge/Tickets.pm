# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::GenericInterface::Operation::KivitendoBridge::Tickets;

use strict;
use warnings;

use Time::Local ();

use Kernel::System::KivitendoBridge;
use Kernel::System::KivitendoBridge::Debugger;

use parent qw(Kernel::GenericInterface::Operation::Common);

our $ObjectManagerDisabled = 1;

# KivitendoBridge::Tickets: tickets with the rows of their accounted time, by change or by id; never what was written in them.

my @SEARCH_PARAMETERS = qw(StateTypes States ChangedSince ClosedBefore After Limit);

sub new {
    my ( $Type, %Param ) = @_;

    return bless { map { $_ => $Param{$_} } qw(DebuggerObject WebserviceID) }, $Type;
}

sub Name {
    return 'KivitendoBridgeTickets';
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
    my $Problem    = defined $Data->{Instance} ? $CallObject->InstanceProblem( $Data->{Instance} ) : '';

    $Problem ||= defined $Data->{TicketIDs} ? $Self->_IDsProblem($Data) : $Self->_SearchProblem($Data);
    return $Problem if $Problem;

    return '' if !defined $Data->{DynamicFields};
    return 'DynamicFields must be a list of at most 50 names.'
        if !$CallObject->IsListOf( $Data->{DynamicFields}, qr{\A.}xms ) || @{ $Data->{DynamicFields} } > 50;
    return $Kernel::OM->Get('Kernel::System::KivitendoBridge::Tickets')->DynamicFieldsProblem( $Data->{DynamicFields} );
}

sub _IDsProblem {
    my ( $Self, $Data ) = @_;

    my $Most = $Kernel::System::KivitendoBridge::MAX_TICKETS;
    my $IDs  = $Data->{TicketIDs};

    return 'TicketIDs go without ' . join( ', ', @SEARCH_PARAMETERS ) . '.' if grep { defined $Data->{$_} } @SEARCH_PARAMETERS;
    return "TicketIDs must be a list of 1 to $Most ids."
        if ref $IDs ne 'ARRAY' || !@{$IDs} || @{$IDs} > $Most || grep { !$Self->_IsID($_) } @{$IDs};
    return '';
}

sub _SearchProblem {
    my ( $Self, $Data ) = @_;

    my $CallObject = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Call');
    my $Most       = $Kernel::System::KivitendoBridge::MAX_TICKETS;
    my @States     = grep { defined $Data->{$_} } qw(States StateTypes);

    return 'Exactly one of States and StateTypes must be there, or ClosedBefore, or TicketIDs.'
        if @States > 1 || ( !@States && !defined $Data->{ClosedBefore} );
    for my $Name (@States) {
        return "$Name must be a list of names that is not empty."
            if !$CallObject->IsListOf( $Data->{$Name}, qr{\A.}xms ) || !@{ $Data->{$Name} };
    }
    for my $Name (qw(ChangedSince ClosedBefore)) {
        return "$Name must be a time of the form YYYY-MM-DD hh:mm:ss." if defined $Data->{$Name} && !$Self->_IsStamp( $Data->{$Name} );
    }
    return 'After must be the Next of the answer before.' if defined $Data->{After} && !$Self->_IsPlace( $Data->{After} );
    return "Limit must be 1 to $Most."
        if defined $Data->{Limit}
        && ( !$CallObject->Matches( $Data->{Limit}, qr{\A[1-9][0-9]{0,3}\z}xms ) || $Data->{Limit} > $Most );

    return $Kernel::OM->Get('Kernel::System::KivitendoBridge::Tickets')->StatesProblem( map { $_ => $Data->{$_} } @States );
}

sub _IsID {
    my ( $Self, $Value ) = @_;

    return $Kernel::OM->Get('Kernel::System::KivitendoBridge::Call')->Matches( $Value, qr{\A[1-9][0-9]{0,17}\z}xms );
}

sub _IsStamp {
    my ( $Self, $Value ) = @_;

    return 0 if !defined $Value || ref $Value;
    my ( $Year, $Month, @More ) = $Value =~ m{\A([1-9]\d{3})-(\d\d)-(\d\d)[ ](\d\d):(\d\d):(\d\d)\z}xms;
    return 0 if !$Year;
    return eval { Time::Local::timegm( reverse(@More), $Month - 1, $Year ); 1 } ? 1 : 0;
}

sub _IsPlace {
    my ( $Self, $Value ) = @_;

    return ref $Value eq 'HASH' && $Self->_IsStamp( $Value->{Changed} ) && $Self->_IsID( $Value->{TicketID} );
}

sub Answer {
    my ( $Self, %Param ) = @_;

    my $Data = $Param{Data};

    Kernel::System::KivitendoBridge::Debugger->Quieten( $Self->{DebuggerObject} );

    return $Kernel::OM->Get('Kernel::System::KivitendoBridge::Tickets')->Run(
        ( map { $_ => $Data->{$_} } qw(TicketIDs StateTypes States ChangedSince ClosedBefore After) ),
        Limit         => $Data->{Limit}         // 1000,
        DynamicFields => $Data->{DynamicFields} // [],
        UserID        => $Param{UserID},
    );
}

1;
