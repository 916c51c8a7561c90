# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::System::KivitendoBridge::Upsert;

use strict;
use warnings;

use Time::HiRes ();

use Kernel::System::KivitendoBridge::KeyFollow;
use Kernel::System::KivitendoBridge::Kind;

our @ObjectDependencies = (
    'Kernel::Config',
    'Kernel::System::Cache',
    'Kernel::System::DB',
    'Kernel::System::KivitendoBridge::Company',
    'Kernel::System::KivitendoBridge::DynamicFields',
    'Kernel::System::KivitendoBridge::Members',
    'Kernel::System::KivitendoBridge::Owner',
    'Kernel::System::KivitendoBridge::Product',
    'Kernel::System::KivitendoBridge::Rename',
    'Kernel::System::KivitendoBridge::User',
);

sub new {
    my ( $Type, %Param ) = @_;

    return bless {}, $Type;
}

# Handles the records of one request in their order; a dry run takes the same way up to the write.
#   Instance, UserID, DryRun, Records => [ { Type, RowId, Expect, Key, Fields, [Modes], [DynamicFields], [Companies], [NewKey],
#   [FormerRowId] } ]
# Returns a list of { Type, RowId, Key, Outcome, Changed } or { …, Outcome => 'rejected', Code, Reason, [Owner], [OtherKey], [KeyNow] }.
sub Run {
    my ( $Self, %Param ) = @_;

    $Self->_Load( $Param{Records} );

    my @Results;
    my %IsWritten;
    for my $Record ( @{ $Param{Records} } ) {
        my $Result = $Self->_Handle( %Param, Record => $Record );

        $IsWritten{ $Record->{Type} } = 1 if !$Param{DryRun} && $Result->{Outcome} =~ m{\A(?:created|adopted|updated)\z}xms;
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
    $Kernel::OM->Get('Kernel::System::KivitendoBridge::Members')->TableEnsure();

    @{$Self}{qw(Kind Mark Dynamic Companies Ours)} = ( {}, {}, {}, {}, {} );

    TYPE:
    for my $Type (qw(Company User)) {
        my @Records = grep { $_->{Type} eq $Type } @{$Records};
        next TYPE if !@Records;

        my $Kind = $Self->_KindOf($Type);
        my @Keys = map { $_->{Key} } @Records;

        $Kind->Load(
            Keys         => [ @Keys, grep {defined} map { $_->{NewKey} } @Records ],
            UniqueValues => [ grep { defined && !ref } map { $_->{Fields}->{ $Kind->{Is}->UniqueField() } } @Records ],
        );
        $Self->{Mark}->{$Type} = { $OwnerObject->Marks( Kind => $Type, Keys => \@Keys ) };
        $Self->{HasMarks}->{$Type} = %{ $Self->{Mark}->{$Type} } ? 1 : 0;
    }

    $Self->_LoadExtras($Records);

    return 1;
}

# Dynamic fields and additional companies, for the records that name some.
sub _LoadExtras {
    my ( $Self, $Records ) = @_;

    for my $Type (qw(Company User)) {
        my @Keys = map { $_->{Key} } grep { $_->{Type} eq $Type && %{ $_->{DynamicFields} || {} } } @{$Records};
        next if !@Keys;

        $Self->{Dynamic}->{$Type} = {
            $Kernel::OM->Get('Kernel::System::KivitendoBridge::DynamicFields')->Stored(
                ObjectType => $Self->_KindOf($Type)->{Is}->SourcePrefix(),
                Keys       => \@Keys,
            ),
        };
    }

    my @Logins = map { $_->{Key} } grep { $_->{Companies} } @{$Records};
    if (@Logins) {
        my $MembersObject = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Members');
        $Self->{Companies} = { $MembersObject->Companies( Logins => \@Logins ) };
        $Self->{Ours} = { $MembersObject->Ours( Logins => \@Logins ) };
    }

    return 1;
}

sub _KindOf {
    my ( $Self, $Type ) = @_;

    return $Self->{Kind}->{$Type} ||= Kernel::System::KivitendoBridge::Kind->new(
        Is => $Kernel::OM->Get("Kernel::System::KivitendoBridge::$Type"),
    );
}

sub _Handle {
    my ( $Self, %Param ) = @_;

    my $Record = $Param{Record};
    my $Kind   = $Self->{Kind}->{ $Record->{Type} };
    return _Rejected( 'failed', $Kind->Problem() ) if $Kind->Problem();

    my ( $Stored, @Refusal ) = $Self->_Meet(%Param);
    return _Rejected(@Refusal) if @Refusal;

    my ( $Plan, $Problem ) = $Self->_Plan( %Param, Stored => $Stored );
    return _Rejected( 'invalid', $Problem ) if $Problem;
    if ( $Stored && !$Plan->{IsAdopted} && !$Plan->{FormerRowId} && !@{ $Plan->{Changed} } ) {
        $Self->_ForgetCompanies( %Param, Plan => $Plan );
        return { Outcome => 'unchanged', Changed => [] };
    }

    @Refusal = $Self->_Refusal( %Param, Plan => $Plan );
    @Refusal = $Kind->{Is}->RefusalByHelpdesk( %{$Plan} ) if !@Refusal && $Param{DryRun} && ( @{ $Plan->{RowChanged} } || defined $Plan->{OldKey} );
    @Refusal = $Self->_Apply( %Param, Plan => $Plan ) if !@Refusal && !$Param{DryRun};
    return _Rejected(@Refusal) if @Refusal;

    $Self->_Remember( %Param, Plan => $Plan );

    return {
        Outcome => !$Stored ? 'created' : $Plan->{IsAdopted} || $Plan->{FormerRowId} ? 'adopted' : 'updated',
        Changed => $Plan->{Changed},
    };
}

sub _Rejected {
    my ( $Code, $Reason, %More ) = @_;

    return { Outcome => 'rejected', Code => $Code, Reason => $Reason, %More };
}

# What stands under the key, against what the bridge expects:
#
#   Expect  | stored under the key | mark       | result
#   any     | under another key    | any        | key-differs
#   absent  | nothing              | any        | create
#   unowned | nothing              | any        | gone
#   ours    | nothing              | any        | gone
#   any     | a record             | another's  | not-ours
#   absent  | a record             | ours       | already-ours
#   unowned | a record             | ours       | already-ours
#   ours    | a record             | ours       | update or unchanged
#   ours    | a record             | former's   | adopt
#   absent  | a record             | none       | found
#   unowned | a record             | none       | adopt
#   ours    | a record             | none       | found
#
# Returns the stored row; or nothing, a code, a reason, and what more there is to tell.
sub _Meet {
    my ( $Self, %Param ) = @_;

    my $Record = $Param{Record};
    my $Kind   = $Self->{Kind}->{ $Record->{Type} };
    my $Key    = $Record->{Key};
    my @Rows   = $Kind->RowsOfKey($Key);

    my ($Other) = grep { $_ ne $Key } map { $_->{ $Kind->{Is}->KeyField() } } @Rows;
    return ( undef, 'key-differs', "The helpdesk takes '$Other' for the same key.", $Self->_OtherRecord( $Record->{Type}, $Other ) )
        if defined $Other;

    if ( !@Rows ) {
        return ( undef, 'not-ours', 'A record with this key exists in another source of the helpdesk.' )
            if $Kind->IsInOtherSource($Key);
        return ( undef, 'gone', 'The helpdesk has no record with this key.', $Self->_KeyNow(%Param) ) if $Record->{Expect} ne 'absent';
        return;
    }

    my $Mark = $Self->{Mark}->{ $Record->{Type} }->{$Key};
    if ( !$Mark ) {
        return $Rows[0] if $Record->{Expect} eq 'unowned';
        return ( undef, 'found', 'A record with this key exists that no bridge has made.' );
    }

    my $IsOurs = $Mark->{Instance} eq $Param{Instance} && grep { defined && $_ eq $Mark->{RowId} } @{$Record}{qw(RowId FormerRowId)};
    return ( undef, 'not-ours', "A record with this key exists that belongs to row $Mark->{RowId} of instance $Mark->{Instance}.", Owner => $Mark )
        if !$IsOurs;
    return ( undef, 'already-ours', 'The record exists and carries our mark.' ) if $Record->{Expect} ne 'ours';
    return $Rows[0];
}

# Which record is in the way, and whose it is.
sub _OtherRecord {
    my ( $Self, $Type, $Key ) = @_;

    my $Mark = $Self->{Mark}->{$Type}->{$Key};
    if ( !$Mark ) {
        my %Marks = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Owner')->Marks( Kind => $Type, Keys => [$Key] );
        $Mark = $Marks{$Key};
    }

    return ( OtherKey => $Key, $Mark ? ( Owner => $Mark ) : () );
}

# The key under which our record stands now, when somebody has renamed it.
sub _KeyNow {
    my ( $Self, %Param ) = @_;

    my $Record = $Param{Record};
    my $Kind   = $Self->{Kind}->{ $Record->{Type} };
    my %Keys   = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Owner')->KeysOfRows(
        Kind     => $Record->{Type},
        Instance => $Param{Instance},
        RowIds   => [ $Record->{RowId} ],
    );
    my @Keys = @{ $Keys{ $Record->{RowId} } || [] };
    my %IsThere = map { $_->{ $Kind->{Is}->KeyField() } => 1 } $Kind->RowsOfKeys(@Keys);
    my ($KeyNow) = grep { $IsThere{$_} } @Keys;

    return defined $KeyNow ? ( KeyNow => $KeyNow ) : ();
}

# What is to be written: the new row, and what differs beside it. Returns it, or nothing and why it cannot be stored.
sub _Plan {
    my ( $Self, %Param ) = @_;

    my ( $Record, $Stored ) = @Param{qw(Record Stored)};
    my $Kind      = $Self->{Kind}->{ $Record->{Type} };
    my $IsAdopted = $Stored && $Record->{Expect} eq 'unowned' ? 1 : 0;
    my $IsTaking  = !$Stored || $IsAdopted;

    my ( $New, $RowChanged, $Problem ) = $Kind->Merge( %{$Record}, Stored => $Stored, IsTaking => $IsTaking );
    return ( undef, $Problem ) if $Problem;

    my %Plan = ( New => $New, Stored => $Stored, IsAdopted => $IsAdopted, RowChanged => $RowChanged );
    if ( $Stored && $Record->{Expect} eq 'ours' ) {
        my $RowId = $Self->{Mark}->{ $Record->{Type} }->{ $Record->{Key} }->{RowId};
        $Plan{FormerRowId} = $RowId if $RowId ne $Record->{RowId};
    }
    if ( defined $Record->{NewKey} && $Record->{NewKey} ne $Record->{Key} ) {
        $Plan{OldKey} = $Record->{Key};
        $New->{ $Kind->{Is}->KeyField() } = $Record->{NewKey};
    }

    ( $Plan{Dynamic}, $Problem ) = $Self->_PlanDynamic( %Param, IsTaking => $IsTaking );
    return ( undef, $Problem ) if $Problem;
    ( $Plan{Companies}, $Problem ) = $Self->_PlanCompanies( %Param, New => $New );
    return ( undef, $Problem ) if $Problem;

    $Plan{Changed} = [
        ( defined $Plan{OldKey} ? 'Key' : () ),
        @{$RowChanged},
        ( map {"DynamicField_$_"} sort keys %{ $Plan{Dynamic} } ),
        ( @{ $Plan{Companies}->{Add} } + @{ $Plan{Companies}->{Remove} } ? 'Companies' : () ),
    ];

    return \%Plan;
}

# The dynamic fields that differ: { name => new value }.
sub _PlanDynamic {
    my ( $Self, %Param ) = @_;

    my $Record = $Param{Record};
    my $Wanted = $Record->{DynamicFields} || {};
    return {} if !%{$Wanted};

    my $Problem = $Kernel::OM->Get('Kernel::System::KivitendoBridge::DynamicFields')->Problem(
        ObjectType => $Self->{Kind}->{ $Record->{Type} }->{Is}->SourcePrefix(),
        Values     => $Wanted,
        UserID     => $Param{UserID},
    );
    return ( undef, $Problem ) if $Problem;

    my $ProductObject = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Product');

    # what an earlier record has left under a new key is not its own
    my $Stored = $Self->{Dynamic}->{ $Record->{Type} }->{ $Record->{Key} } || {};
    my %Differs;
    for my $Name ( keys %{$Wanted} ) {
        my $Old   = $Stored->{$Name} // '';
        my $Value = $ProductObject->StoredAs("$Wanted->{$Name}");
        my $IsTaken = Kernel::System::KivitendoBridge::Kind::TakesValue( $Record->{Modes}->{"DynamicField_$Name"}, $Old, $Param{IsTaking} );
        $Differs{$Name} = $Value if $IsTaken && $Value ne $Old;
    }

    return \%Differs;
}

sub _PlanCompanies {
    my ( $Self, %Param ) = @_;

    my $Record = $Param{Record};
    my %Nothing = ( Add => [], Remove => [], Forget => [] );
    return \%Nothing if !$Record->{Companies};

    my $MembersObject = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Members');
    my $Plan          = $MembersObject->Plan(
        Wanted => $Record->{Companies},
        Stored => $Self->{Companies}->{ $Record->{Key} } || [],
        Ours   => $Self->{Ours}->{ $Record->{Key} } || [],
        Own    => $Param{New}->{UserCustomerID} // '',
    );
    my $Problem = $MembersObject->Problem( %{$Plan}, Login => $Record->{NewKey} // $Record->{Key} );

    return $Problem ? ( undef, $Problem ) : $Plan;
}

# Additional companies that are neither wanted nor there any more: nobody sees a difference, so nothing is told.
sub _ForgetCompanies {
    my ( $Self, %Param ) = @_;

    return 1 if $Param{DryRun} || !@{ $Param{Plan}->{Companies}->{Forget} };

    return $Kernel::OM->Get('Kernel::System::KivitendoBridge::Members')->Write(
        %{ $Param{Plan}->{Companies} },
        Login  => $Param{Record}->{Key},
        UserID => $Param{UserID},
    );
}

sub _Refusal {
    my ( $Self, %Param ) = @_;

    my $Type = $Param{Record}->{Type};
    my ( $Code, $Reason, $OtherKey ) = $Self->{Kind}->{$Type}->Refusal( %{ $Param{Plan} } );

    return if !$Code;
    return ( $Code, $Reason, defined $OtherKey ? $Self->_OtherRecord( $Type, $OtherKey ) : () );
}

# What later records of this request are to see.
sub _Remember {
    my ( $Self, %Param ) = @_;

    my ( $Record, $Plan ) = @Param{qw(Record Plan)};
    my $Type = $Record->{Type};
    my $Kind = $Self->{Kind}->{$Type};
    my ( $Old, $New ) = ( $Record->{Key}, $Plan->{New}->{ $Kind->{Is}->KeyField() } );

    if ( $Old ne $New ) {
        $Kind->Forget($Old);
        for my $Map ( $Self->{Mark}->{$Type}, $Self->{Dynamic}->{$Type}, $Type eq 'User' ? @{$Self}{qw(Companies Ours)} : () ) {
            $Map->{$New} = delete $Map->{$Old} if $Map && exists $Map->{$Old};
        }
    }
    $Kind->Remember( $Plan->{New} );
    $Self->{Mark}->{$Type}->{$New} = { Instance => $Param{Instance}, RowId => $Record->{RowId} };

    for my $Name ( keys %{ $Plan->{Dynamic} } ) {
        $Self->{Dynamic}->{$Type}->{$New}->{$Name} = $Plan->{Dynamic}->{$Name};
    }
    for my $Map ( $Type eq 'User' ? @{$Self}{qw(Companies Ours)} : () ) {
        my %IsAway = map { $_ => 1 } @{ $Plan->{Companies}->{Remove} }, @{ $Plan->{Companies}->{Forget} };
        $Map->{$New} = [ ( grep { !$IsAway{$_} } @{ $Map->{$New} || [] } ), @{ $Plan->{Companies}->{Add} } ];
    }
    $Self->_RememberCompany( $Old, $New ) if $Type eq 'Company' && $Old ne $New;

    return 1;
}

# A renamed company takes its users with it.
sub _RememberCompany {
    my ( $Self, $Old, $New ) = @_;

    if ( my $Users = $Self->{Kind}->{User} ) {
        for my $Row ( grep { lc( $_->{UserCustomerID} // '' ) eq lc $Old } $Users->Known() ) {
            $Users->Remember( { %{$Row}, UserCustomerID => $New } );
        }
    }
    for my $Map ( @{$Self}{qw(Companies Ours)} ) {
        for my $List ( values %{$Map} ) {
            @{$List} = map { $_ eq $Old ? $New : $_ } @{$List};
        }
    }

    return 1;
}

# Writes record and mark in one transaction of the database. When the records live in another database, the mark is
# written first: a mark without a record is met as 'absent' and taken over by the next attempt.
# Returns nothing, or a code and a reason.
sub _Apply {
    my ( $Self, %Param ) = @_;

    my $Record        = $Param{Record};
    my $Kind          = $Self->{Kind}->{ $Record->{Type} };
    my $ProductObject = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Product');
    my $Plan          = $Param{Plan};
    my $IsMarked      = $Plan->{Stored} && !$Plan->{IsAdopted};
    # Any mark counts: it may be another spelling of the key, for the database the same one.
    my $IsLeftOver    = !$Plan->{Stored} && $Self->{HasMarks}->{ $Record->{Type} };
    my %Keys          = ( Old => $Record->{Key}, New => $Plan->{New}->{ $Kind->{Is}->KeyField() } );

    $ProductObject->LastErrorForget();
    $Self->_CachesForget( $Kind, \%Keys );

    # The helpdesk's file cache dies when another process removes a directory under its hands, which happens under parallel
    # writers; everything has been rolled back then, and the next attempt usually succeeds. A write that was refused is
    # not tried again.
    my ( $Success, $Died );
    for my $Pause ( 0, 0.05, 0.2 ) {
        Time::HiRes::sleep($Pause);
        my $Move;
        $Success = eval {
            local $Kernel::System::KivitendoBridge::KeyFollow::IsUpsert = 1;
            $Self->_Transaction(
                Together => $Kind->SharesDatabase(),
                Mark     => $IsMarked ? undef : { %{$Record}, Kind => $Record->{Type}, Instance => $Param{Instance}, IsLeftOver => $IsLeftOver },
                MoveMark => defined $Plan->{OldKey} ? { %Keys, Kind => $Record->{Type} } : undef,
                PassMark => $Plan->{FormerRowId}
                    ? {
                        ( map { $_ => $Record->{$_} } qw(RowId) ),
                        Kind => $Record->{Type}, Key => $Keys{New}, Instance => $Param{Instance}, FormerRowId => $Plan->{FormerRowId},
                    }
                    : undef,
                Write    => sub { return $Self->_Write( %Param, Keys => \%Keys, Move => \$Move ) },
            );
        };
        $Died = defined $Success ? '' : $@;
        $Self->_CachesForget( $Kind, \%Keys );
        $Self->_CachesOfExtrasForget( %Param, Keys => \%Keys, Move => $Move, Success => $Success );
        last if !$Died;

        # the mark of an attempt may have outlived a broken connection
        $IsLeftOver = !$Plan->{Stored};
    }
    return if $Success;

    return $Self->_Explain( %Param, Keys => \%Keys, Reason => $ProductObject->LastError( Otherwise => $ProductObject->Sentence($Died) ) );
}

sub _CachesForget {
    my ( $Self, $Kind, $Keys ) = @_;

    for my $Key ( $Keys->{Old} eq $Keys->{New} ? $Keys->{Old} : @{$Keys}{qw(Old New)} ) {
        $Kind->CacheForget($Key);
    }

    return 1;
}

sub _CachesOfExtrasForget {
    my ( $Self, %Param ) = @_;

    my ( $Plan, $Keys ) = @Param{qw(Plan Keys)};

    my $DynamicObject = $Kernel::OM->Get('Kernel::System::KivitendoBridge::DynamicFields');
    my @Companies = map { @{ $Plan->{Companies}->{$_} } } qw(Add Remove);

    $Kernel::OM->Get('Kernel::System::KivitendoBridge::Rename')->CacheForget( Move => $Param{Move} ) if $Param{Move};
    if ( %{ $Plan->{Dynamic} } ) {
        $DynamicObject->CacheForget( ObjectType => $Self->{Kind}->{ $Param{Record}->{Type} }->{Is}->SourcePrefix(), Key => $Keys->{New} );
        $DynamicObject->CacheForgetAll() if !$Param{Success};
    }
    if (@Companies) {
        $Kernel::OM->Get('Kernel::System::KivitendoBridge::Members')->CacheForget( Logins => [ $Keys->{New} ], CustomerIDs => \@Companies );
    }

    return 1;
}

# Everything but the mark. Returns 0 when the helpdesk refuses; dies when a part cannot be written.
sub _Write {
    my ( $Self, %Param ) = @_;

    my ( $Record, $Plan, $Keys ) = @Param{qw(Record Plan Keys)};
    my $Kind       = $Self->{Kind}->{ $Record->{Type} };
    my $IsRenamed  = defined $Plan->{OldKey};
    my %Common     = ( UserID => $Param{UserID}, ObjectType => $Kind->{Is}->SourcePrefix() );
    my $RenameObject = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Rename');

    if ($IsRenamed) {
        my $Users = $Self->_KindOf('User');
        ${ $Param{Move} } = $RenameObject->Prepare( %Common, %{$Keys}, Type => $Record->{Type}, UserKind => $Users->Problem() ? undef : $Users );
    }
    if ( $IsRenamed || @{ $Plan->{RowChanged} } ) {
        $Kind->Write( Row => $Plan->{New}, Key => $Keys->{Old}, IsNew => !$Plan->{Stored}, UserID => $Param{UserID} ) || return 0;
    }
    $RenameObject->Move( Move => ${ $Param{Move} } ) if $IsRenamed;

    if ( %{ $Plan->{Dynamic} } ) {
        $Kernel::OM->Get('Kernel::System::KivitendoBridge::DynamicFields')->Write( %Common, Key => $Keys->{New}, Values => $Plan->{Dynamic} )
            || return 0;
    }

    return $Kernel::OM->Get('Kernel::System::KivitendoBridge::Members')->Write( %Common, %{ $Plan->{Companies} }, Login => $Keys->{New} );
}

# Returns 1, or 0 when the helpdesk refused the record; dies when something broke. Whatever it was, nothing is left of it,
# but for a mark when the connection has been exchanged.
sub _Transaction {
    my ( $Self, %Param ) = @_;

    my $OwnerObject    = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Owner');
    my $DatabaseHandle = $Kernel::OM->Get('Kernel::System::DB')->Connect() || die "The database is out of reach.\n";

    my $SetMark  = sub { return $Param{Mark} ? $OwnerObject->Set( %{ $Param{Mark} } ) : 1 };
    my $MoveMark = sub {
        my ($IsAlive) = @_;
        for my $Step ( grep { $Param{ $_->[0] } } [ MoveMark => 'Rename' ], [ PassMark => 'Pass' ] ) {
            my ( $Name, $Method ) = @{$Step};
            return if $IsAlive && !$IsAlive->();
            $OwnerObject->$Method( %{ $Param{$Name} } ) || return;
        }
        return 1;
    };

    if ( !$Param{Together} ) {
        $SetMark->() || die "The owner mark could not be written.\n";
        my $Written = eval { $Param{Write}->() && $MoveMark->() ? 1 : 0 };
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
        ( $Param{Write}->() && $MoveMark->($IsAlive) && $SetMark->() && $IsAlive->() && $DatabaseHandle->commit() && $IsAlive->() ) ? 1 : 0;
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

    my ( $Record, $Plan, $Keys ) = @Param{qw(Record Plan Keys)};
    my $Kind        = $Self->{Kind}->{ $Record->{Type} };
    my $OwnerObject = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Owner');

    $Kind->Load( Keys => [ values %{$Keys} ], UniqueValues => [ $Plan->{New}->{ $Kind->{Is}->UniqueField() } ] );

    # A connection that broke at the wrong moment may have let the mark move and not the record.
    if ( defined $Plan->{OldKey} && $Kind->RowsOfKey( $Keys->{Old} ) && !$Kind->RowsOfKey( $Keys->{New} ) ) {
        my %Marks = $OwnerObject->Marks( Kind => $Record->{Type}, Keys => [ values %{$Keys} ] );
        $OwnerObject->Rename( Kind => $Record->{Type}, Old => $Keys->{New}, New => $Keys->{Old} )
            if $Marks{ $Keys->{New} } && !$Marks{ $Keys->{Old} };
    }

    my %Marks = $OwnerObject->Marks( Kind => $Record->{Type}, Keys => [ $Keys->{Old} ] );
    $Self->{Mark}->{ $Record->{Type} }->{ $Keys->{Old} } = $Marks{ $Keys->{Old} };

    my ( undef, @Refusal ) = $Self->_Meet(%Param);
    @Refusal = $Self->_Refusal(%Param) if !@Refusal;
    @Refusal = $Kind->{Is}->RefusalByHelpdesk( %{$Plan} ) if !@Refusal;

    return @Refusal ? @Refusal : ( 'failed', $Param{Reason} );
}

1;
