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

    return 'DryRun must be 0 or 1.' if exists $Data->{DryRun} && !defined _Flag( $Data->{DryRun} );
    return 'Sequence must be a positive integer of at most 15 digits.'
        if exists $Data->{Sequence} && !_Matches( $Data->{Sequence}, qr{\A[1-9][0-9]{0,14}\z}xms );

    my $Records = $Data->{Records};
    my $Most    = $Kernel::System::KivitendoBridge::MAX_RECORDS;
    return 'Records must be a list.'                   if ref $Records ne 'ARRAY';
    return "At most $Most records are taken in a call." if @{$Records} > $Most;

    for my $Index ( 0 .. $#{$Records} ) {
        $Problem = _RecordProblem( $Records->[$Index] );
        return "Records[$Index]: $Problem" if $Problem;
    }

    return '';
}

sub _RecordProblem {
    my ($Record) = @_;

    return 'must be an object.'                     if ref $Record ne 'HASH';
    return 'Type must be Company or User.'          if !_Matches( $Record->{Type}, qr{\A(?:Company|User)\z}xms );
    return 'Expect must be absent or ours.'         if !_Matches( $Record->{Expect}, qr{\A(?:absent|ours)\z}xms );
    return 'RowId must be a string of 1 to 20 digits.' if !_Matches( $Record->{RowId}, qr{\A[0-9]{1,20}\z}xms );
    return 'Key must be a string that is not empty.' if !_Matches( $Record->{Key}, qr{.}xms );
    return 'Fields must be an object.'              if ref $Record->{Fields} ne 'HASH';

    # 0 counts as nothing everywhere in the helpdesk's classes
    return 'Key must not be 0.' if $Record->{Key} eq '0';
    return '';
}

sub _Matches {
    my ( $Value, $Pattern ) = @_;

    return defined $Value && !ref $Value && $Value =~ $Pattern;
}

# 0 or 1 for a number, a string or a JSON boolean; undef for anything else.
sub _Flag {
    my ($Value) = @_;

    return if !defined $Value || ref $Value eq 'HASH' || ref $Value eq 'ARRAY';
    return "$Value" eq '1' ? 1 : "$Value" eq '0' ? 0 : undef;
}

sub Answer {
    my ( $Self, %Param ) = @_;

    my $Data   = $Param{Data};
    my $DryRun = _Flag( $Data->{DryRun} // 0 );

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
