# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::GenericInterface::Operation::KivitendoBridge::Upsert;

use strict;
use warnings;

use Kernel::System::KivitendoBridge;

use parent qw(Kernel::GenericInterface::Operation::Common);

our $ObjectManagerDisabled = 1;

# KivitendoBridge::Upsert: creates and updates companies and customer users, many in one call.

sub new {
    my ( $Type, %Param ) = @_;

    return bless { map { $_ => $Param{$_} } qw(DebuggerObject WebserviceID) }, $Type;
}

sub Name {
    return 'KivitendoBridgeUpsert';
}

sub Run {
    my ( $Self, %Param ) = @_;

    return $Kernel::OM->Get('Kernel::System::KivitendoBridge::Call')->Run(
        Operation => $Self,
        Data      => $Param{Data},
    );
}

# A malformed request is refused as a whole, before anything is done; what is wrong with one record is told in its result.
sub Problem {
    my ( $Self, $Data ) = @_;

    my $Problem = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Call')->InstanceProblem( $Data->{Instance} );
    return $Problem if $Problem;

    my $CallObject = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Call');
    return 'DryRun must be 0 or 1.' if exists $Data->{DryRun} && !defined $CallObject->Flag( $Data->{DryRun} );
    return 'Sequence must be a positive integer of at most 15 digits.'
        if exists $Data->{Sequence} && !$CallObject->Matches( $Data->{Sequence}, qr{\A[1-9][0-9]{0,14}\z}xms );

    my $Records = $Data->{Records};
    my $Most    = $Kernel::System::KivitendoBridge::MAX_RECORDS;
    return 'Records must be a list.'                   if ref $Records ne 'ARRAY';
    return "At most $Most records are taken in a call." if @{$Records} > $Most;

    for my $Index ( 0 .. $#{$Records} ) {
        $Problem = _RecordProblem( $CallObject, $Records->[$Index] );
        return "Records[$Index]: $Problem" if $Problem;
    }

    return '';
}

# 0 counts as nothing everywhere in the helpdesk's classes, so it can be no key.
my $KEY = qr{\A(?!0\z).+\z}xms;

sub _RecordProblem {
    my ( $CallObject, $Record ) = @_;

    return 'must be an object.' if ref $Record ne 'HASH';

    my %Pattern = (
        Type   => [ qr{\A(?:Company|User)\z}xms,        'must be Company or User.' ],
        Expect => [ qr{\A(?:absent|unowned|ours)\z}xms, 'must be absent, unowned or ours.' ],
        RowId  => [ qr{\A[0-9]{1,20}\z}xms,             'must be a string of 1 to 20 digits.' ],
        Key    => [ $KEY,                               'must be a string that is neither empty nor 0.' ],
    );
    for my $Name (qw(Type Expect RowId Key)) {
        return "$Name $Pattern{$Name}->[1]" if !$CallObject->Matches( $Record->{$Name}, $Pattern{$Name}->[0] );
    }
    return 'Fields must be an object.' if ref $Record->{Fields} ne 'HASH';

    return _ExtrasProblem( $CallObject, $Record );
}

# What may be left out; null counts as left out.
sub _ExtrasProblem {
    my ( $CallObject, $Record ) = @_;

    for my $Name (qw(Modes DynamicFields)) {
        return "$Name must be an object." if defined $Record->{$Name} && ref $Record->{$Name} ne 'HASH';
    }
    my @Modes = values %{ $Record->{Modes} || {} };
    return 'Modes must be owned, fill-if-empty or create-only.'
        if grep { !$CallObject->Matches( $_, qr{\A(?:owned|fill-if-empty|create-only)\z}xms ) } @Modes;

    if ( defined $Record->{Companies} ) {
        return 'Companies are for users only.' if $Record->{Type} ne 'User';
        return 'Companies must be a list of keys.' if !$CallObject->IsListOf( $Record->{Companies}, $KEY );
    }
    if ( defined $Record->{NewKey} ) {
        return 'NewKey is for records that are ours.' if $Record->{Expect} ne 'ours';
        return 'NewKey must be a string that is neither empty nor 0.' if !$CallObject->Matches( $Record->{NewKey}, $KEY );
    }

    if ( defined $Record->{FormerRowId} ) {
        return 'FormerRowId is for records that are ours.' if $Record->{Expect} ne 'ours';
        return 'FormerRowId must be a string of 1 to 20 digits.' if !$CallObject->Matches( $Record->{FormerRowId}, qr{\A[0-9]{1,20}\z}xms );
    }

    return '';
}

sub Answer {
    my ( $Self, %Param ) = @_;

    my $Data   = $Param{Data};
    my $DryRun = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Call')->Flag( $Data->{DryRun} // 0 );

    # Before the records: a call that dies half-way has reached this helpdesk as well.
    if ( !$DryRun && exists $Data->{Sequence} ) {
        $Kernel::OM->Get('Kernel::System::KivitendoBridge::Identity')->SequenceRaise(
            Instance => $Data->{Instance},
            Sequence => $Data->{Sequence},
            UserID   => $Param{UserID},
        );
    }

    my @Results = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Upsert')->Run(
        Instance => $Data->{Instance},
        Records  => $Data->{Records},
        DryRun   => $DryRun,
        UserID   => $Param{UserID},
    );

    return { Results => \@Results };
}

1;
