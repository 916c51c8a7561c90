# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::GenericInterface::Operation::KivitendoBridge::Info;

use strict;
use warnings;

use Kernel::System::KivitendoBridge;
use Kernel::System::KivitendoBridge::Kind;

use parent qw(Kernel::GenericInterface::Operation::Common);

our $ObjectManagerDisabled = 1;

# KivitendoBridge::Info: what the bridge must know about this helpdesk before it works with it.

sub new {
    my ( $Type, %Param ) = @_;

    return bless { map { $_ => $Param{$_} } qw(DebuggerObject WebserviceID) }, $Type;
}

sub Name {
    return 'KivitendoBridgeInfo';
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

    return exists $Data->{Instance} ? $Kernel::OM->Get('Kernel::System::KivitendoBridge::Call')->InstanceProblem( $Data->{Instance} ) : '';
}

sub Answer {
    my ( $Self, %Param ) = @_;

    my $ConfigObject   = $Kernel::OM->Get('Kernel::Config');
    my $ProductObject  = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Product');
    my $IdentityObject = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Identity');

    # tells early when a table of the package is missing and cannot be made
    $Kernel::OM->Get('Kernel::System::KivitendoBridge::Owner')->TableEnsure();
    $Kernel::OM->Get('Kernel::System::KivitendoBridge::Members')->TableEnsure();

    return {
        KivitendoBridge => {
            Protocol            => $Kernel::System::KivitendoBridge::PROTOCOL,
            AddonVersion        => $Kernel::System::KivitendoBridge::VERSION,
            Product             => $ProductObject->Name(),
            ProductVersion      => $ProductObject->Version(),
            HelpdeskId          => $IdentityObject->HelpdeskId( UserID => $Param{UserID} ),
            TimeZone            => $ProductObject->TimeZone(),
            Now                 => time,
            TimeUnitLabel       => $ConfigObject->Get('Ticket::Frontend::TimeUnits') // '',
            Agent               => $Param{UserLogin},
            AgentId             => $Param{UserID} + 0,
            States              => $Self->_States( $Param{UserID} ),
            Queues              => $Self->_Queues( $Param{UserID} ),
            TicketDynamicFields => $Self->_FieldTypes('Ticket'),
            Services            => $Self->_Names('service'),
            SLAs                => $Self->_Names('sla'),
            Types               => $Self->_Names('ticket_type'),
            Priorities          => $Self->_Names('ticket_priority'),
            DatabaseKind        => $ProductObject->DatabaseKind(),
            Fields              => { map { $_ => $Self->_Fields($_) } qw(Company User) },
            DynamicFields       => { map { $_ => $Self->_DynamicFields($_) } qw(Company User) },
            Countries           => [ sort keys %{ $Kernel::OM->Get('Kernel::System::ReferenceData')->CountryList() || {} } ],
            CheckMXRecord       => $ConfigObject->Get('CheckMXRecord') ? 1 : 0,
            Sequence            => $IdentityObject->Sequence( Instance => $Param{Data}->{Instance} ),
        },
    };
}

sub _Fields {
    my ( $Self, $Type ) = @_;

    my $Is = $Kernel::OM->Get("Kernel::System::KivitendoBridge::$Type");

    return [ Kernel::System::KivitendoBridge::Kind->new( Is => $Is )->MappedFields() ];
}

sub _DynamicFields {
    my ( $Self, $Type ) = @_;

    return $Self->_FieldTypes( $Kernel::OM->Get("Kernel::System::KivitendoBridge::$Type")->SourcePrefix() );
}

sub _FieldTypes {
    my ( $Self, $ObjectType ) = @_;

    my %Fields = $Kernel::OM->Get('Kernel::System::KivitendoBridge::DynamicFields')->Fields( ObjectType => $ObjectType );

    return [ map { { Name => $_, Type => $Fields{$_}->{FieldType} } } sort keys %Fields ];
}

# What a table of the helpdesk's names holds, by name.
sub _Names {
    my ( $Self, $Table ) = @_;

    my $DBObject = $Kernel::OM->Get('Kernel::System::DB');
    my @Names;

    $DBObject->Prepare( SQL => "SELECT name, valid_id FROM $Table ORDER BY name" ) || die "The table $Table cannot be read.\n";
    while ( my ( $Name, $ValidID ) = $DBObject->FetchrowArray() ) {
        push @Names, { Name => $Name, Valid => $ValidID == 1 ? 1 : 0 };
    }

    return \@Names;
}

sub _States {
    my ( $Self, $UserID ) = @_;

    my $StateObject = $Kernel::OM->Get('Kernel::System::State');
    my %All         = $StateObject->StateList( UserID => $UserID, Valid => 0 );
    my %Valid       = $StateObject->StateList( UserID => $UserID, Valid => 1 );
    my @States;

    for my $ID ( sort { $a <=> $b } keys %All ) {
        my %State = $StateObject->StateGet( ID => $ID );
        push @States, { Name => $State{Name}, Type => $State{TypeName}, Valid => $Valid{$ID} ? 1 : 0 };
    }

    return \@States;
}

sub _Queues {
    my ( $Self, $UserID ) = @_;

    my $QueueObject = $Kernel::OM->Get('Kernel::System::Queue');
    my %All         = $QueueObject->QueueList( Valid => 0 );
    my %Valid       = $QueueObject->QueueList( Valid => 1 );
    my %Readable    = $QueueObject->GetAllQueues( UserID => $UserID, Type => 'ro' );
    my @Queues;

    for my $ID ( sort { $a <=> $b } keys %All ) {
        push @Queues, { Name => $All{$ID}, Valid => $Valid{$ID} ? 1 : 0, Readable => $Readable{$ID} ? 1 : 0 };
    }

    return \@Queues;
}

1;
