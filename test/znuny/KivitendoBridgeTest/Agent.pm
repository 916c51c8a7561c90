package Kernel::GenericInterface::Operation::KivitendoBridgeTest::Agent;

# TEST ONLY, never part of the package: does in a test helpdesk what agents and admins do by hand.
# SPDX-License-Identifier: GPL-3.0-or-later
#
# POST /KivitendoBridgeTest/Agent
#   {"SessionID":"…","Steps":[{"Do":"CompanyGet","CustomerID":"10001"}, …]}
# answers {"Results":[…]} with one result a step, or {"Error":{"ErrorCode":"KivitendoBridgeTest.Failed",…}} at the first
# step that fails (earlier ones have been done).
#
#   Do             parameters                                          result
#   CompanyGet     CustomerID                                          mapped fields, or null
#   CompanyAdd     CustomerID, CustomerCompanyName, …, ValidID         {"CustomerID":…}
#   CompanyUpdate  CustomerID, [NewCustomerID], fields to change       {"CustomerID":…}; the others keep their values
#   CompanyCount   [Prefix] of the CustomerID                          {"Count":n}
#   UserGet        UserLogin                                           mapped fields with the hashed UserPassword, or null
#   UserAdd        UserLogin, UserFirstname, …, [UserPassword]         {"UserLogin":…}
#   UserUpdate     UserLogin, [NewUserLogin], fields to change         {"UserLogin":…}; the others keep their values
#   UserCount      [Prefix] of the UserLogin                           {"Count":n}
#   MarkGet        Kind, Key                                           {"Instance":…,"RowId":…}, or null
#   RecordRemove   Kind, Key                                           {}; SQL, as the helpdesk has no way to remove one
#   DynamicFieldEnsure  ObjectType, Name, FieldType, [PossibleValues], [ValidID]   {}
#   DynamicFieldSet     ObjectType, Key, Name, Value                   {}
#   DynamicFieldGet     ObjectType, Key, Name                          the value, or null
#   MemberSet      UserLogin, CustomerID, Active                       {}; an additional company of the user
#   MemberList     UserLogin                                           ["…"]
#   PreferenceSet  UserLogin, Name, Value                              {}
#   PreferenceGet  UserLogin, Name                                     the value, or null
#   TicketCreate   Title, CustomerID, CustomerUser, [Queue], [State],  {"TicketID":n,"TicketNumber":"…","ArticleIDs":[…]}
#                  [Articles:[{Subject,[Body],[TimeUnit]}]]            TimeUnit may be negative
#   TicketBook     TicketID, TimeUnit, [Subject], [WithoutArticle:1]   {"ArticleID":n or null}
#   TicketState    TicketID, State                                     {}
#   TicketTimes    TicketID, [CreatedAt], [ClosedAt], [ChangedAt]      {}; "YYYY-MM-DD hh:mm:ss" in the helpdesk's zone.
#                  ClosedAt moves every change to a closed state, ChangedAt is ClosedAt unless given
#   TicketCustomer TicketID, CustomerID, CustomerUser                  {}
#   TicketQueue    TicketID, Queue                                     {}
#   TicketMerge    MainTicketID, MergeTicketID                         {}
#   ArticleDelete  TicketID, ArticleID                                 {}
#   Source         Call: a function of Source.pm, and what it takes        what that answers
#   UpsertBroken   Instance, Records as in an upsert; Before: "commit"  {"Broken":0|1,"Results":[…] or null}; the database's
#                  or a number n                                       connection is killed before the commit or the n-th
#                                                                      writing statement

use strict;
use warnings;

use Time::HiRes ();

use parent qw(Kernel::GenericInterface::Operation::Common);

our $ObjectManagerDisabled = 1;

sub new {
    my ( $Type, %Param ) = @_;

    return bless { map { $_ => $Param{$_} } qw(DebuggerObject WebserviceID) }, $Type;
}

sub Run {
    my ( $Self, %Param ) = @_;

    my ( $UserID, $UserType ) = $Self->Auth(%Param);
    if ( !$UserID || $UserType eq 'Customer' ) {
        return $Self->ReturnError( ErrorCode => 'KivitendoBridgeTest.AuthFail', ErrorMessage => 'agents only' );
    }

    my @Results;
    for my $Step ( @{ $Param{Data}->{Steps} } ) {
        my %Step   = ( %{$Step}, UserID => $UserID );
        my $Method = $Self->can("Do$Step{Do}");
        my $Result = eval { $Method ? $Self->$Method(%Step) : die "no such step\n" };
        return $Self->ReturnError( ErrorCode => 'KivitendoBridgeTest.Failed', ErrorMessage => "$Step{Do}: $@" ) if $@;
        push @Results, $Result;
    }

    return { Success => 1, Data => { Results => \@Results } };
}

sub _Get { return $Kernel::OM->Get("Kernel::System::$_[0]") }

# The API tells a failure by an empty result, and the reason in the log only.
sub _Must {
    my ($Result) = @_;

    return $Result if $Result;
    die _Get('Log')->GetLogEntry( Type => 'error', What => 'Message' ) . "\n";
}

sub _Mapped {
    my ( $Source, %Data ) = @_;

    return undef if !%Data;    ## no critic
    my @Map = @{ $Kernel::OM->Get('Kernel::Config')->Get($Source)->{Map} };
    return { map { $_->[0] => $Data{ $_->[0] } } grep { $_->[5] ne 'dynamic_field' } @Map };
}

sub _Count {
    my ( $Table, $Column, $Prefix ) = @_;

    my $DBObject = _Get('DB');
    my $Length   = length( $Prefix // '' );
    my $Value    = $Prefix // '';
    $DBObject->Prepare( SQL => "SELECT COUNT(*) FROM $Table WHERE SUBSTR($Column, 1, $Length) = ?", Bind => [ \$Value ] );
    my ($Count) = $DBObject->FetchrowArray();
    return { Count => $Count + 0 };
}

sub DoCompanyGet {
    my ( $Self, %Step ) = @_;

    return _Mapped( 'CustomerCompany', _Get('CustomerCompany')->CustomerCompanyGet( CustomerID => $Step{CustomerID} ) );
}

sub DoCompanyAdd {
    my ( $Self, %Step ) = @_;

    return { CustomerID => _Must( _Get('CustomerCompany')->CustomerCompanyAdd( ValidID => 1, %Step ) ) };
}

sub DoCompanyUpdate {
    my ( $Self, %Step ) = @_;

    my %Stored = _Get('CustomerCompany')->CustomerCompanyGet( CustomerID => $Step{CustomerID} );
    my %New    = ( %Stored, %Step, CustomerCompanyID => $Step{CustomerID} );
    $New{CustomerID} = $Step{NewCustomerID} if $Step{NewCustomerID};
    _Must( _Get('CustomerCompany')->CustomerCompanyUpdate(%New) );
    return { CustomerID => $New{CustomerID} };
}

sub DoCompanyCount {
    my ( $Self, %Step ) = @_;

    return _Count( 'customer_company', 'customer_id', $Step{Prefix} );
}

sub DoUserGet {
    my ( $Self, %Step ) = @_;

    return _Mapped( 'CustomerUser', _Get('CustomerUser')->CustomerUserDataGet( User => $Step{UserLogin} ) );
}

sub DoUserAdd {
    my ( $Self, %Step ) = @_;

    return { UserLogin => _Must( _Get('CustomerUser')->CustomerUserAdd( ValidID => 1, %Step ) ) };
}

sub DoUserUpdate {
    my ( $Self, %Step ) = @_;

    my %Stored = _Get('CustomerUser')->CustomerUserDataGet( User => $Step{UserLogin} );
    delete $Stored{UserPassword};
    my %New = ( %Stored, %Step, ID => $Step{UserLogin} );
    $New{UserLogin} = $Step{NewUserLogin} if $Step{NewUserLogin};
    _Must( _Get('CustomerUser')->CustomerUserUpdate(%New) );
    return { UserLogin => $New{UserLogin} };
}

sub DoUserCount {
    my ( $Self, %Step ) = @_;

    return _Count( 'customer_user', 'login', $Step{Prefix} );
}

sub DoMarkGet {
    my ( $Self, %Step ) = @_;

    my %Marks = _Get('KivitendoBridge::Owner')->Marks( Kind => $Step{Kind}, Keys => [ $Step{Key} ] );
    return $Marks{ $Step{Key} };
}

sub DoRecordRemove {
    my ( $Self, %Step ) = @_;

    my $SQL = $Step{Kind} eq 'Company'
        ? 'DELETE FROM customer_company WHERE customer_id = ?'
        : 'DELETE FROM customer_user WHERE login = ?';
    _Must( _Get('DB')->Do( SQL => $SQL, Bind => [ \$Step{Key} ] ) );
    _Get('Cache')->CleanUp();
    return {};
}

sub DoDynamicFieldEnsure {
    my ( $Self, %Step ) = @_;

    my $DynamicFieldObject = _Get('DynamicField');
    my %Config = $Step{FieldType} eq 'Dropdown' ? ( PossibleValues => { map { $_ => $_ } @{ $Step{PossibleValues} || [] } } ) : ();

    my $Known = $DynamicFieldObject->DynamicFieldGet( Name => $Step{Name} );
    return {} if $Known && ( $Known->{ObjectType} // '' ) eq $Step{ObjectType};

    _Must(
        $DynamicFieldObject->DynamicFieldAdd(
            Name       => $Step{Name},
            Label      => $Step{Name},
            FieldOrder => 9000,
            FieldType  => $Step{FieldType},
            ObjectType => $Step{ObjectType},
            Config     => { DefaultValue => '', %Config },
            ValidID    => $Step{ValidID} // 1,
            UserID     => $Step{UserID},
        )
    );
    return {};
}

sub _DynamicField {
    my (%Step) = @_;

    return (
        DynamicFieldConfig => _Get('DynamicField')->DynamicFieldGet( Name => $Step{Name} ),
        ObjectName         => $Step{Key},
        UserID             => $Step{UserID},
    );
}

sub DoDynamicFieldSet {
    my ( $Self, %Step ) = @_;

    _Must( _Get('DynamicField::Backend')->ValueSet( _DynamicField(%Step), Value => $Step{Value} ) );
    return {};
}

sub DoDynamicFieldGet {
    my ( $Self, %Step ) = @_;

    return scalar _Get('DynamicField::Backend')->ValueGet( _DynamicField(%Step) );
}

sub DoMemberSet {
    my ( $Self, %Step ) = @_;

    _Must(
        _Get('CustomerUser')->CustomerUserCustomerMemberAdd(
            ( map { $_ => $Step{$_} } qw(CustomerID Active UserID) ),
            CustomerUserID => $Step{UserLogin},
        )
    );
    return {};
}

sub DoMemberList {
    my ( $Self, %Step ) = @_;

    return [ sort( _Get('CustomerUser')->CustomerUserCustomerMemberList( CustomerUserID => $Step{UserLogin} ) ) ];
}

sub DoPreferenceSet {
    my ( $Self, %Step ) = @_;

    _Must( _Get('CustomerUser')->SetPreferences( UserID => $Step{UserLogin}, Key => $Step{Name}, Value => $Step{Value} ) );
    return {};
}

sub DoPreferenceGet {
    my ( $Self, %Step ) = @_;

    my %Preferences = _Get('CustomerUser')->GetPreferences( UserID => $Step{UserLogin} );
    return $Preferences{ $Step{Name} };
}

sub DoTicketCreate {
    my ( $Self, %Step ) = @_;

    my $TicketObject = _Get('Ticket');
    my $TicketID     = _Must(
        $TicketObject->TicketCreate(
            Queue    => 'Support',
            Lock     => 'unlock',
            Priority => '3 normal',
            OwnerID  => $Step{UserID},
            %Step,
            State => 'open',
        )
    );

    my @ArticleIDs;
    for my $Article ( @{ $Step{Articles} || [] } ) {
        push @ArticleIDs, $Self->_Book( %Step, TicketID => $TicketID, %{$Article} );
    }
    $Self->DoTicketState( %Step, TicketID => $TicketID ) if $Step{State} && $Step{State} ne 'open';

    return {
        TicketID     => $TicketID + 0,
        TicketNumber => $TicketObject->TicketNumberLookup( TicketID => $TicketID ),
        ArticleIDs   => \@ArticleIDs,
    };
}

sub _Book {
    my ( $Self, %Step ) = @_;

    my $ArticleID;
    if ( !$Step{WithoutArticle} ) {
        my $Channel = _Get('Ticket::Article')->BackendForChannel( ChannelName => 'Internal' );
        $ArticleID = _Must(
            $Channel->ArticleCreate(
                TicketID             => $Step{TicketID},
                SenderType           => 'agent',
                IsVisibleForCustomer => 0,
                From                 => 'Test Agent <agent@kivi-test.de>',
                Subject              => $Step{Subject} // 'Work',
                Body                 => $Step{Body} // 'done',
                Charset              => 'utf-8',
                MimeType             => 'text/plain',
                HistoryType          => 'AddNote',
                HistoryComment       => 'test',
                UserID               => $Step{UserID},
                NoAgentNotify        => 1,
            )
        );
    }
    if ( $Step{TimeUnit} ) {
        _Must( $Self->_AccountTime( %Step, ArticleID => $ArticleID ) );
    }

    return $ArticleID ? $ArticleID + 0 : undef;
}

# TicketAccountTime insists on an article; a row without one (schema: nullable) comes from imports and old versions.
sub _AccountTime {
    my ( $Self, %Step ) = @_;

    return _Get('Ticket')->TicketAccountTime( map { $_ => $Step{$_} } qw(TicketID ArticleID TimeUnit UserID) )
        if $Step{ArticleID};

    _Get('Ticket')->_TicketCacheClear( TicketID => $Step{TicketID} );
    return _Get('DB')->Do(
        SQL => 'INSERT INTO time_accounting (ticket_id, time_unit, create_time, create_by, change_time, change_by)'
            . ' VALUES (?, ?, current_timestamp, ?, current_timestamp, ?)',
        Bind => [ \@Step{qw(TicketID TimeUnit UserID UserID)} ],
    ) && _Get('DB')->Do(
        SQL  => 'UPDATE ticket SET change_time = current_timestamp WHERE id = ?',
        Bind => [ \$Step{TicketID} ],
    );
}

sub DoTicketBook {
    my ( $Self, %Step ) = @_;

    return { ArticleID => scalar $Self->_Book(%Step) };
}

sub DoTicketState {
    my ( $Self, %Step ) = @_;

    _Must( _Get('Ticket')->TicketStateSet( map { $_ => $Step{$_} } qw(TicketID State UserID) ) );
    return {};
}

# SQL on purpose: nobody closes a ticket last month through the API.
sub DoTicketTimes {
    my ( $Self, %Step ) = @_;

    my $DBObject  = _Get('DB');
    my $ChangedAt = $Step{ChangedAt} // $Step{ClosedAt};

    if ( $Step{CreatedAt} ) {
        $DBObject->Do( SQL => 'UPDATE ticket SET create_time = ? WHERE id = ?', Bind => [ \@Step{qw(CreatedAt TicketID)} ] );
    }
    if ( $Step{ClosedAt} ) {
        $DBObject->Do(
            SQL => 'UPDATE ticket_history SET create_time = ?, change_time = ? WHERE ticket_id = ?'
                . ' AND history_type_id IN (SELECT id FROM ticket_history_type WHERE name IN (\'NewTicket\', \'StateUpdate\'))'
                . ' AND state_id IN (SELECT s.id FROM ticket_state s, ticket_state_type t'
                . ' WHERE s.type_id = t.id AND t.name = \'closed\')',
            Bind => [ \@Step{qw(ClosedAt ClosedAt TicketID)} ],
        );
    }
    if ($ChangedAt) {
        $DBObject->Do( SQL => 'UPDATE ticket SET change_time = ? WHERE id = ?', Bind => [ \$ChangedAt, \$Step{TicketID} ] );
    }
    _Get('Ticket')->_TicketCacheClear( TicketID => $Step{TicketID} );

    return {};
}

sub DoTicketCustomer {
    my ( $Self, %Step ) = @_;

    _Must(
        _Get('Ticket')->TicketCustomerSet(
            TicketID => $Step{TicketID},
            No       => $Step{CustomerID},
            User     => $Step{CustomerUser},
            UserID   => $Step{UserID},
        )
    );
    return {};
}

sub DoTicketQueue {
    my ( $Self, %Step ) = @_;

    _Must( _Get('Ticket')->TicketQueueSet( map { $_ => $Step{$_} } qw(TicketID Queue UserID) ) );
    return {};
}

sub DoTicketMerge {
    my ( $Self, %Step ) = @_;

    _Must( _Get('Ticket')->TicketMerge( map { $_ => $Step{$_} } qw(MainTicketID MergeTicketID UserID) ) );
    return {};
}

sub DoArticleDelete {
    my ( $Self, %Step ) = @_;

    my $Backend = _Get('Ticket::Article')->BackendForArticle( map { $_ => $Step{$_} } qw(TicketID ArticleID) );
    _Must( $Backend->ArticleDelete( map { $_ => $Step{$_} } qw(TicketID ArticleID UserID) ) );
    return {};
}

sub DoSource {
    my ( $Self, %Step ) = @_;

    my $Module = __PACKAGE__ =~ s{Agent\z}{Source}r;
    _Must( _Get('Main')->Require($Module) );
    return $Module->can( $Step{Call} )->(%Step);
}

sub DoUpsertBroken {
    my ( $Self, %Step ) = @_;

    my $DBObject = _Get('DB');
    my $Handle   = $DBObject->Connect();
    my $Class    = ref $Handle;
    my $Do       = $DBObject->can('Do');
    my $Commit   = $Handle->can('commit');
    my $Count    = 0;
    my $Broken   = 0;
    my @Results;

    {
        no strict 'refs';            ## no critic
        no warnings qw(redefine once);
        local *Kernel::System::DB::Do = sub {
            $Broken ||= _Kill($Handle) if $Step{Before} eq ++$Count;
            return $Do->(@_);
        };
        local *{"${Class}::commit"} = sub {
            $Broken ||= _Kill($Handle) if $Step{Before} eq 'commit';
            return $Commit->(@_);
        };
        @Results = eval { _Get('KivitendoBridge::Upsert')->Run( %Step, DryRun => 0 ) };
    }

    # Znuny asks a connection only every ten seconds whether it lives
    delete $DBObject->{LastPingTime};
    return { Broken => $Broken, Results => @Results ? \@Results : undef };
}

# From outside, as a restart of the database does: the handle must not know.
sub _Kill {
    my ($Handle) = @_;

    my $IsPostgreSQL = $Handle->{Driver}->{Name} eq 'Pg';
    my ($ID)         = $Handle->selectrow_array( $IsPostgreSQL ? 'SELECT pg_backend_pid()' : 'SELECT connection_id()' );
    my $Other        = $Handle->clone();
    $Other->do( $IsPostgreSQL ? "SELECT pg_terminate_backend($ID)" : "KILL $ID" );
    $Other->disconnect();
    Time::HiRes::sleep(0.1);
    return 1;
}

1;
