package Kernel::GenericInterface::Operation::KivitendoBridgeTest::Agent;

# TEST ONLY, never part of the package: does in a test helpdesk what agents and admins do by hand.
# SPDX-License-Identifier: GPL-3.0-or-later
#
# POST /KivitendoBridgeTest/Agent
#   {"SessionID":"…","Steps":[{"Do":"CompanyGet","CustomerID":"10001"}, …]}
# answers {"Results":[…]} with one result a step, or {"Error":{"ErrorCode":"KivitendoBridgeTest.Failed",…}} at the first
# step that fails (earlier ones have been done). Every step may name the Agent (a login) who does it.
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
#                                                                      At: dates article and row back
#   TicketBook     TicketID, TimeUnit, [Subject], [At], and one of     {"ArticleID":n or null}
#                  [WithoutArticle:1], [ArticleID] (another row on it)
#   TicketState    TicketID, State                                     {}
#   TicketTimes    TicketID, [CreatedAt], [ClosedAt], [ChangedAt]      {}; "YYYY-MM-DD hh:mm:ss" in the helpdesk's zone.
#                  ClosedAt moves every change to a closed state, ChangedAt is ClosedAt unless given
#   TicketCustomer TicketID, CustomerID, CustomerUser                  {}
#   TicketQueue    TicketID, Queue                                     {}
#   TicketMerge    MainTicketID, MergeTicketID                         {}
#   TicketSet      TicketID, [Title], [Type], [Service], [SLA],        {}
#                  [Priority]
#   TicketSplit    TicketID, ArticleID                                 as TicketCreate; the time stays where it is
#   TicketArchive  TicketID                                            {}
#   TicketDelete   TicketID                                            {}
#   TicketReplace  TicketID, TicketNumber, CreatedAt                   {}; SQL: the id belongs to another ticket, without articles
#   TimeSet        RowID, TimeUnit                                     {}; SQL, no screen does it
#   ArticleEdit    TicketID, ArticleID, [Subject], [TimeUnit]          {}; as OTOBO 11 does: time is another row, and without time
#                                                                      the ticket's change time stays
#   ArticleDelete  TicketID, ArticleID                                 {}
#   ArticleRestore TicketID, ArticleID                                 {}; as OTOBO 11 does: the ticket's change time stays
#   ArticleReplace ArticleID, TicketID, CreatedAt                      {}; SQL: the id belongs to another article, of that ticket
#   QueueEnsure    Name, [Group]                                       {"QueueID":n}
#   StateEnsure    Name, Type                                          {}
#   StateRename    State, Name                                         {}
#   NameEnsure     Kind: Type, Service or SLA; Name                    {}
#   AgentEnsure    UserLogin, Password, [FirstName], [LastName],       {"UserID":n}
#                  [Groups:{name: "ro" or "rw"}]
#   AgentGroup     UserLogin, Group, Permission: ro, rw or none        {}
#   AgentValid     UserLogin, ValidID                                  {}
#   Bench          Call: a function of Bench.pm, and what it takes     what that answers
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
        my $ActorID = $Step->{Agent} ? _Get('User')->UserLookup( UserLogin => $Step->{Agent} ) : $UserID;
        my %Step   = ( %{$Step}, UserID => $ActorID );
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

    my $Added = $DynamicFieldObject->DynamicFieldAdd(
        Name       => $Step{Name},
        Label      => $Step{Name},
        FieldOrder => 9000,
        FieldType  => $Step{FieldType},
        ObjectType => $Step{ObjectType},
        Config     => { DefaultValue => '', %Config },
        ValidID    => $Step{ValidID} // 1,
        UserID     => $Step{UserID},
    );

    # Another request may have added it meanwhile.
    my $DBObject = _Get('DB');
    $DBObject->Prepare( SQL => 'SELECT id FROM dynamic_field WHERE name = ?', Bind => [ \$Step{Name} ], Limit => 1 );
    _Must( $Added || $DBObject->FetchrowArray() );
    return {};
}

sub _DynamicField {
    my (%Step) = @_;

    return (
        DynamicFieldConfig => _Get('DynamicField')->DynamicFieldGet( Name => $Step{Name} ),
        $Step{ObjectType} eq 'Ticket' ? ( ObjectID => $Step{Key} ) : ( ObjectName => $Step{Key} ),
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

    my $ArticleID = $Step{ArticleID};
    if ( !$ArticleID && !$Step{WithoutArticle} ) {
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
    if ( $Step{At} ) {
        my $DBObject = _Get('DB');
        $DBObject->Do( SQL => 'UPDATE article SET create_time = ? WHERE id = ?', Bind => [ \$Step{At}, \$ArticleID ] )
            if $ArticleID && !$Step{ArticleID};
        $DBObject->Do(
            SQL => 'UPDATE time_accounting SET create_time = ? WHERE id = (SELECT MAX(id) FROM time_accounting WHERE ticket_id = ?)',
            Bind => [ \@Step{qw(At TicketID)} ],
        ) if $Step{TimeUnit};
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

sub DoTicketSet {
    my ( $Self, %Step ) = @_;

    my $TicketObject = _Get('Ticket');
    my $DBObject     = _Get('DB');
    my %Ticket       = map { $_ => $Step{$_} } qw(TicketID UserID);

    _Must( $TicketObject->TicketTitleUpdate( %Ticket, Title => $Step{Title} ) ) if defined $Step{Title};
    _Must( $TicketObject->TicketPrioritySet( %Ticket, Priority => $Step{Priority} ) ) if defined $Step{Priority};

    # whether the site uses types and services is a matter of its configuration
    for ( [ Type => 'ticket_type', 'type_id' ], [ Service => 'service', 'service_id' ], [ SLA => 'sla', 'sla_id' ] ) {
        my ( $Name, $Table, $Column ) = @{$_};
        next if !defined $Step{$Name};
        my $ID = _IDOf( $Table, $Step{$Name} ) || die "the helpdesk knows no $Step{$Name}\n";
        $DBObject->Do(
            SQL  => "UPDATE ticket SET $Column = ?, change_time = current_timestamp WHERE id = ?",
            Bind => [ \$ID, \$Step{TicketID} ],
        );
    }
    $TicketObject->_TicketCacheClear( TicketID => $Step{TicketID} );

    return {};
}

sub _IDOf {
    my ( $Table, $Name ) = @_;

    my $DBObject = _Get('DB');
    $DBObject->Prepare( SQL => "SELECT id FROM $Table WHERE name = ?", Bind => [ \$Name ] );
    my ($ID) = $DBObject->FetchrowArray();
    return $ID;
}

# As the screen does: a new ticket with a copy of the article.
sub DoTicketSplit {
    my ( $Self, %Step ) = @_;

    my %Ticket  = _Get('Ticket')->TicketGet( TicketID => $Step{TicketID}, UserID => $Step{UserID} );
    my $Backend = _Get('Ticket::Article')->BackendForArticle( map { $_ => $Step{$_} } qw(TicketID ArticleID) );
    my %Article = $Backend->ArticleGet( map { $_ => $Step{$_} } qw(TicketID ArticleID) );

    return $Self->DoTicketCreate(
        ( map { $_ => $Ticket{$_} } qw(Title Queue Priority CustomerID) ),
        CustomerUser => $Ticket{CustomerUserID},
        UserID       => $Step{UserID},
        Articles     => [ { Subject => $Article{Subject}, Body => $Article{Body} } ],
    );
}

# The class does nothing where the archive is not switched on.
sub DoTicketArchive {
    my ( $Self, %Step ) = @_;

    _Get('DB')->Do(
        SQL  => 'UPDATE ticket SET archive_flag = 1, change_time = current_timestamp WHERE id = ?',
        Bind => [ \$Step{TicketID} ],
    );
    _Get('Ticket')->_TicketCacheClear( TicketID => $Step{TicketID} );
    return {};
}

sub DoTicketDelete {
    my ( $Self, %Step ) = @_;

    _Must( _Get('Ticket')->TicketDelete( map { $_ => $Step{$_} } qw(TicketID UserID) ) );
    return {};
}

sub DoTicketReplace {
    my ( $Self, %Step ) = @_;

    my @Articles = _Get('Ticket::Article')->ArticleList( TicketID => $Step{TicketID} );
    for my $Article (@Articles) {
        my $Backend = _Get('Ticket::Article')->BackendForArticle( %{$Article} );
        _Must( $Backend->ArticleDelete( %{$Article}, UserID => $Step{UserID} ) );
    }
    my $DBObject = _Get('DB');
    $DBObject->Do( SQL => 'DELETE FROM time_accounting WHERE ticket_id = ?', Bind => [ \$Step{TicketID} ] );
    $DBObject->Do(
        SQL  => 'UPDATE ticket SET tn = ?, create_time = ?, change_time = current_timestamp WHERE id = ?',
        Bind => [ \@Step{qw(TicketNumber CreatedAt TicketID)} ],
    );
    _Get('Cache')->CleanUp( Type => $_ ) for qw(Article Ticket);
    return {};
}

sub DoArticleReplace {
    my ( $Self, %Step ) = @_;

    my $DBObject = _Get('DB');
    for ( [ article => 'id' ], [ time_accounting => 'article_id' ] ) {
        my ( $Table, $Column ) = @{$_};
        $DBObject->Do(
            SQL  => "UPDATE $Table SET ticket_id = ?, create_time = ? WHERE $Column = ?",
            Bind => [ \@Step{qw(TicketID CreatedAt ArticleID)} ],
        );
    }
    _Get('Cache')->CleanUp( Type => $_ ) for qw(Article Ticket);
    return {};
}

sub DoTimeSet {
    my ( $Self, %Step ) = @_;

    _Must( _Get('DB')->Do( SQL => 'UPDATE time_accounting SET time_unit = ? WHERE id = ?', Bind => [ \@Step{qw(TimeUnit RowID)} ] ) );
    _Get('Cache')->CleanUp( Type => 'Ticket' );
    return {};
}

sub DoArticleEdit {
    my ( $Self, %Step ) = @_;

    _Get('DB')->Do(
        SQL  => 'UPDATE article_data_mime SET a_subject = ? WHERE article_id = ?',
        Bind => [ \@Step{qw(Subject ArticleID)} ],
    ) if defined $Step{Subject};
    _Must( $Self->_AccountTime(%Step) ) if $Step{TimeUnit};
    _Get('Cache')->CleanUp( Type => 'Article' );
    return {};
}

# What is needed to bring an article back is kept, as the helpdesk of the test may have no way to do so.
my %ROWS_OF_ARTICLE = (
    article           => 'id',
    article_data_mime => 'article_id',
    time_accounting   => 'article_id',
);

sub DoArticleDelete {
    my ( $Self, %Step ) = @_;

    my $Handle = _Get('DB')->Connect();
    my %Kept   = map {
        $_ => $Handle->selectall_arrayref( "SELECT * FROM $_ WHERE $ROWS_OF_ARTICLE{$_} = ?", { Slice => {} }, $Step{ArticleID} )
    } keys %ROWS_OF_ARTICLE;
    my $Backend = _Get('Ticket::Article')->BackendForArticle( map { $_ => $Step{$_} } qw(TicketID ArticleID) );
    _Must( $Backend->ArticleDelete( map { $_ => $Step{$_} } qw(TicketID ArticleID UserID) ) );

    _Get('SystemData')->SystemDataDelete( Key => "KivitendoBridgeTest::$Step{ArticleID}", UserID => $Step{UserID} );
    _Must(
        _Get('SystemData')->SystemDataAdd(
            Key    => "KivitendoBridgeTest::$Step{ArticleID}",
            Value  => _Get('JSON')->Encode( Data => \%Kept ),
            UserID => $Step{UserID},
        )
    );
    return {};
}

sub DoArticleRestore {
    my ( $Self, %Step ) = @_;

    my $Key    = "KivitendoBridgeTest::$Step{ArticleID}";
    my $Kept   = _Get('JSON')->Decode( Data => _Get('SystemData')->SystemDataGet( Key => $Key ) ) || die "never deleted\n";
    my $Handle = _Get('DB')->Connect();

    for my $Table (qw(article article_data_mime time_accounting)) {
        for my $Row ( @{ $Kept->{$Table} } ) {
            delete $Row->{id} if $Table ne 'article';
            my @Columns = sort keys %{$Row};
            $Handle->do(
                "INSERT INTO $Table (" . join( ', ', @Columns ) . ') VALUES (' . join( ', ', ('?') x @Columns ) . ')', undef,
                @{$Row}{@Columns},
            );
        }
    }
    _Get('SystemData')->SystemDataDelete( Key => $Key, UserID => $Step{UserID} );
    _Get('Cache')->CleanUp( Type => $_ ) for qw(Article Ticket);
    return {};
}

sub _GroupID {
    my ( $Name, $UserID ) = @_;

    my %Groups = reverse _Get('Group')->GroupList( Valid => 0 );
    return $Groups{$Name} || _Must( _Get('Group')->GroupAdd( Name => $Name, ValidID => 1, UserID => $UserID ) );
}

sub DoQueueEnsure {
    my ( $Self, %Step ) = @_;

    my $QueueID = _IDOf( 'queue', $Step{Name} ) || _Must(
        _Get('Queue')->QueueAdd(
            Name            => $Step{Name},
            ValidID         => 1,
            GroupID         => _GroupID( $Step{Group} || 'users', $Step{UserID} ),
            SystemAddressID => 1,
            SalutationID    => 1,
            SignatureID     => 1,
            FollowUpID      => 1,
            Comment         => 'test',
            UserID          => $Step{UserID},
        )
    );
    return { QueueID => $QueueID + 0 };
}

sub DoStateEnsure {
    my ( $Self, %Step ) = @_;

    return {} if _IDOf( 'ticket_state', $Step{Name} );
    my $TypeID = _IDOf( 'ticket_state_type', $Step{Type} );
    _Must( _Get('State')->StateAdd( Name => $Step{Name}, TypeID => $TypeID, ValidID => 1, UserID => $Step{UserID} ) );
    return {};
}

sub DoStateRename {
    my ( $Self, %Step ) = @_;

    my %State = _Get('State')->StateGet( Name => $Step{State} );
    _Must( _Get('State')->StateUpdate( %State, Name => $Step{Name}, UserID => $Step{UserID} ) );
    return {};
}

sub DoNameEnsure {
    my ( $Self, %Step ) = @_;

    my ( $Table, $Class ) = @{ { Type => [qw(ticket_type Type)], Service => [qw(service Service)], SLA => [qw(sla SLA)] }->{ $Step{Kind} } };
    return {} if _IDOf( $Table, $Step{Name} );
    my $Method = "$Step{Kind}Add";
    _Must( _Get($Class)->$Method( Name => $Step{Name}, ValidID => 1, TypeID => 1, Criticality => '3 normal', UserID => $Step{UserID} ) );
    return {};
}

sub DoAgentEnsure {
    my ( $Self, %Step ) = @_;

    my $AgentID = _Get('User')->UserLookup( UserLogin => $Step{UserLogin}, Silent => 1 ) || _Must(
        _Get('User')->UserAdd(
            UserLogin     => $Step{UserLogin},
            UserPw        => $Step{Password},
            UserFirstname => $Step{FirstName} // 'Agent',
            UserLastname  => $Step{LastName}  // 'Test',
            UserEmail     => "$Step{UserLogin}\@kivi-test.de",
            ValidID       => 1,
            ChangeUserID  => $Step{UserID},
        )
    );
    for my $Group ( sort keys %{ $Step{Groups} || {} } ) {
        $Self->DoAgentGroup( %Step, Group => $Group, Permission => $Step{Groups}->{$Group} );
    }
    return { UserID => $AgentID + 0 };
}

sub DoAgentGroup {
    my ( $Self, %Step ) = @_;

    _Must(
        _Get('Group')->PermissionGroupUserAdd(
            GID        => _GroupID( $Step{Group}, $Step{UserID} ),
            UID        => _Get('User')->UserLookup( UserLogin => $Step{UserLogin} ),
            Permission => {
                ( map { $_ => 0 } qw(move_into create note owner priority) ),
                ro => $Step{Permission} ne 'none' ? 1 : 0,
                rw => $Step{Permission} eq 'rw'   ? 1 : 0,
            },
            UserID => $Step{UserID},
        )
    );
    return {};
}

sub DoAgentValid {
    my ( $Self, %Step ) = @_;

    my %Agent = _Get('User')->GetUserData( User => $Step{UserLogin} );
    delete $Agent{UserPw};
    _Must( _Get('User')->UserUpdate( %Agent, ValidID => $Step{ValidID}, ChangeUserID => $Step{UserID} ) );
    return {};
}

sub DoBench {
    my ( $Self, %Step ) = @_;

    my $Module = __PACKAGE__ =~ s{Agent\z}{Bench}r;
    _Must( _Get('Main')->Require($Module) );
    return $Module->can( $Step{Call} )->(%Step);
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
