# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::System::KivitendoBridge::Upsert;

use strict;
use warnings;

use Time::HiRes ();

use Kernel::System::KivitendoBridge::Kind;

our @ObjectDependencies = (
    'Kernel::Config',
    'Kernel::System::Cache',
    'Kernel::System::DB',
    'Kernel::System::KivitendoBridge::Company',
    'Kernel::System::KivitendoBridge::Owner',
    'Kernel::System::KivitendoBridge::Product',
    'Kernel::System::KivitendoBridge::User',
);

sub new {
    my ( $Type, %Param ) = @_;

    return bless {}, $Type;
}

# Handles the records of one request in their order; a dry run takes the same way up to the write.
#   Instance, UserID, DryRun, Records => [ { Type, RowId, Expect, Key, Fields } ]
# Returns a list of { Type, RowId, Key, Outcome, Changed } or { …, Outcome => 'rejected', Code, Reason }.
sub Run {
    my ( $Self, %Param ) = @_;

    $Self->_Load( $Param{Records} );

    my @Results;
    my %IsWritten;
    for my $Record ( @{ $Param{Records} } ) {
        my $Result = $Self->_Handle( %Param, Record => $Record );

        $IsWritten{ $Record->{Type} } = 1 if !$Param{DryRun} && $Result->{Outcome} =~ m{\A(?:created|updated)\z}xms;
        push @Results, {
            ( map { $_ => "$Record->{$_}" } qw(Type RowId Key) ),
            %{$Result},
        };
    }

    for my $Type ( sort keys %IsWritten ) {
        $Self->{Kind}->{$Type}->CacheForgetLists();
    }

    return @Results;
}

sub _Load {
    my ( $Self, $Records ) = @_;

    my $OwnerObject = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Owner');
    $OwnerObject->TableEnsure();

    $Self->{Kind} = {};
    $Self->{Mark} = {};

    TYPE:
    for my $Type (qw(Company User)) {
        my @Records = grep { $_->{Type} eq $Type } @{$Records};
        next TYPE if !@Records;

        my $Is   = $Kernel::OM->Get("Kernel::System::KivitendoBridge::$Type");
        my $Kind = Kernel::System::KivitendoBridge::Kind->new( Is => $Is );
        my @Keys = map { $_->{Key} } @Records;

        $Kind->Load(
            Keys         => \@Keys,
            UniqueValues => [ grep { defined && !ref } map { $_->{Fields}->{ $Is->UniqueField() } } @Records ],
        );
        $Self->{Kind}->{$Type} = $Kind;
        $Self->{Mark}->{$Type} = { $OwnerObject->Marks( Kind => $Type, Keys => \@Keys ) };
    }

    return 1;
}

sub _Handle {
    my ( $Self, %Param ) = @_;

    my $Record = $Param{Record};
    my $Kind   = $Self->{Kind}->{ $Record->{Type} };
    return _Rejected( 'failed', $Kind->Problem() ) if $Kind->Problem();

    my ( $Stored, $Code, $Reason ) = $Self->_Meet(%Param);
    return _Rejected( $Code, $Reason ) if $Code;

    my ( $New, $Changed, $Problem ) = $Kind->Merge( %{$Record}, Stored => $Stored );
    return _Rejected( 'invalid', $Problem ) if $Problem;
    return { Outcome => 'unchanged', Changed => [] } if $Stored && !@{$Changed};

    my %Plan = ( New => $New, Changed => $Changed, Stored => $Stored );
    ( $Code, $Reason ) = $Kind->Refusal(%Plan);
    ( $Code, $Reason ) = $Kind->{Is}->RefusalByHelpdesk(%Plan)      if !$Code && $Param{DryRun};
    ( $Code, $Reason ) = $Self->_Apply( %Param, Plan => \%Plan ) if !$Code && !$Param{DryRun};
    return _Rejected( $Code, $Reason ) if $Code;

    $Kind->Remember($New);
    $Self->{Mark}->{ $Record->{Type} }->{ $Record->{Key} } = { Instance => $Param{Instance}, RowId => $Record->{RowId} };

    return { Outcome => $Stored ? 'updated' : 'created', Changed => $Changed };
}

sub _Rejected {
    my ( $Code, $Reason ) = @_;

    return { Outcome => 'rejected', Code => $Code, Reason => $Reason };
}

# What stands under the key, against what the bridge expects:
#
#   Expect | stored under the key | our mark | result
#   any    | under another key    | any      | key-differs
#   absent | nothing              | any      | create
#   absent | a record             | yes      | already-ours
#   absent | a record             | no       | not-ours
#   ours   | nothing              | any      | gone
#   ours   | a record             | no       | not-ours
#   ours   | a record             | yes      | update or unchanged
#
# Returns the stored row, or a code and a reason.
sub _Meet {
    my ( $Self, %Param ) = @_;

    my $Record = $Param{Record};
    my $Kind   = $Self->{Kind}->{ $Record->{Type} };
    my $Key    = $Record->{Key};
    my @Rows   = $Kind->RowsOfKey($Key);

    my ($Other) = grep { $_ ne $Key } map { $_->{ $Kind->{Is}->KeyField() } } @Rows;
    return ( undef, 'key-differs', "The helpdesk takes '$Other' for the same key." ) if defined $Other;

    if ( !@Rows ) {
        return ( undef, 'not-ours', 'A record with this key exists in another source of the helpdesk.' )
            if $Kind->IsInOtherSource($Key);
        return ( undef, 'gone', 'The helpdesk has no record with this key.' ) if $Record->{Expect} eq 'ours';
        return;
    }

    my $Mark   = $Self->{Mark}->{ $Record->{Type} }->{$Key};
    my $IsOurs = $Mark && $Mark->{Instance} eq $Param{Instance} && $Mark->{RowId} eq $Record->{RowId};

    return ( undef, 'not-ours', _Stranger($Mark) ) if !$IsOurs;
    return ( undef, 'already-ours', 'The record exists and carries our mark.' ) if $Record->{Expect} eq 'absent';
    return $Rows[0];
}

sub _Stranger {
    my ($Mark) = @_;

    return 'A record with this key exists that no bridge has made.' if !$Mark;
    return "A record with this key exists that belongs to row $Mark->{RowId} of instance $Mark->{Instance}.";
}

# Writes record and mark in one transaction of the database. When the records live in another database, the mark is
# written first: a mark without a record is met as 'absent' and taken over by the next attempt.
# Returns nothing, or a code and a reason.
sub _Apply {
    my ( $Self, %Param ) = @_;

    my $Record        = $Param{Record};
    my $Kind          = $Self->{Kind}->{ $Record->{Type} };
    my $ProductObject = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Product');
    my $Key           = $Record->{Key};
    my $IsNew         = $Param{Plan}->{Stored} ? 0 : 1;

    $ProductObject->LastErrorForget();
    $Kind->CacheForget($Key);

    # The helpdesk's file cache dies when another process removes a directory under its hands, which happens under parallel
    # writers; everything has been rolled back then, and the next attempt usually succeeds. A write that was refused is
    # not tried again.
    my ( $Success, $Died );
    for my $Pause ( 0, 0.05, 0.2 ) {
        Time::HiRes::sleep($Pause);
        $Success = eval {
            $Self->_Transaction(
                Together => $Kind->SharesDatabase(),
                Mark     => $IsNew ? { %{$Record}, Kind => $Record->{Type}, Instance => $Param{Instance} } : undef,
                Write    => sub {
                    return $Kind->Write( Row => $Param{Plan}->{New}, IsNew => $IsNew, UserID => $Param{UserID} );
                },
            );
        };
        $Died = defined $Success ? '' : $@;
        $Kind->CacheForget($Key);
        last if !$Died;
    }
    return if $Success;

    return $Self->_Explain( %Param, Reason => $ProductObject->LastError( Otherwise => $ProductObject->Sentence($Died) ) );
}

# Returns 1, or 0 when the helpdesk refused the record; dies when something broke. Whatever it was, nothing is left of it,
# but for a mark when the connection has been exchanged.
sub _Transaction {
    my ( $Self, %Param ) = @_;

    my $OwnerObject    = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Owner');
    my $DatabaseHandle = $Kernel::OM->Get('Kernel::System::DB')->Connect() || die "The database is out of reach.\n";

    my $SetMark = sub { return $Param{Mark} ? $OwnerObject->Set( %{ $Param{Mark} } ) : 1 };

    if ( !$Param{Together} ) {
        $SetMark->() || die "The owner mark could not be written.\n";
        my $Written = eval { $Param{Write}->() ? 1 : 0 };
        my $Died    = $@;
        return 1 if $Written;
        $OwnerObject->Remove( %{ $Param{Mark} } ) if $Param{Mark};
        die $Died if !defined $Written;
        return 0;
    }

    # a transaction that somebody has left open would swallow ours
    $DatabaseHandle->rollback() if !$DatabaseHandle->{AutoCommit};
    $DatabaseHandle->begin_work() || die "No transaction could be opened.\n";

    # The mark comes last: OTOBO's database object makes a new connection when this one breaks, and what follows is then
    # written outside of our transaction. A mark without its record does no harm, a record without its mark would be a
    # stranger for ever.
    # An event module may have failed with a statement: PostgreSQL then turns the commit into a rollback without an
    # error, so the last thing before it is a statement that such a transaction refuses. Both drivers also tell a commit
    # that has met a broken connection as done (DBD::Pg 3.16, DBD::mysql 4.050), so it is asked once more afterwards.
    my $Success = eval {
        my $IsAlive = sub { return $DatabaseHandle->do('SELECT 1') };
        ( $Param{Write}->() && $SetMark->() && $IsAlive->() && $DatabaseHandle->commit() && $IsAlive->() ) ? 1 : 0;
    };
    my $Died = $@;
    return 1 if $Success;

    eval { $DatabaseHandle->rollback() } if !$DatabaseHandle->{AutoCommit};
    die $Died if !defined $Success;
    return 0;
}

# Looks again why a write failed: somebody may have been faster (another bridge, an agent, or an earlier call of this
# bridge that it has given up waiting for), or it was the address.
sub _Explain {
    my ( $Self, %Param ) = @_;

    my $Record = $Param{Record};
    my $Kind   = $Self->{Kind}->{ $Record->{Type} };
    my $New    = $Param{Plan}->{New};
    my $Key    = $Record->{Key};

    $Kind->Load( Keys => [$Key], UniqueValues => [ $New->{ $Kind->{Is}->UniqueField() } ] );

    my %Marks = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Owner')->Marks(
        Kind => $Record->{Type},
        Keys => [$Key],
    );
    $Self->{Mark}->{ $Record->{Type} }->{$Key} = $Marks{$Key};

    my ( undef, $Code, $Reason ) = $Self->_Meet(%Param);
    ( $Code, $Reason ) = $Kind->Refusal( %{ $Param{Plan} } ) if !$Code;
    ( $Code, $Reason ) = $Kind->{Is}->RefusalByHelpdesk( %{ $Param{Plan} } ) if !$Code;
    return ( $Code, $Reason ) if $Code;

    return ( 'failed', $Param{Reason} );
}

1;
