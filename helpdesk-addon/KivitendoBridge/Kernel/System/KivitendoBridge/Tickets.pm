# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::System::KivitendoBridge::Tickets;

use strict;
use warnings;

our @ObjectDependencies = (
    'Kernel::System::Group',
    'Kernel::System::KivitendoBridge::DynamicFields',
    'Kernel::System::KivitendoBridge::Product',
);

# Reads tickets with the rows of their accounted time: a dozen statements for a page, never one for each ticket, and nothing
# from a cache. Bodies of articles are not read at all.

# Emptied or thrown away: the change that made a ticket so is told by the ticket to which its time has gone, or by nobody.
my %IS_GONE_TYPE = map { $_ => 1 } qw(merged removed);

# Tickets and their time come from one statement, so that a merge that happens meanwhile is seen whole or not at all.
# The page is cut out before anything is joined.
my $PAGE = <<'SQL';
SELECT p.id, p.tn, p.title, p.customer_id, p.customer_user_id, p.archive_flag, p.create_time, p.change_time,
    p.queue_id, p.ticket_state_id, p.ticket_priority_id, p.type_id, p.service_id, p.sla_id,
    b.id, b.article_id, b.time_unit, b.create_by, b.create_time, a.create_time, m.a_subject
FROM (
    SELECT t.id, t.tn, t.title, t.customer_id, t.customer_user_id, t.archive_flag, t.create_time, t.change_time,
        t.queue_id, t.ticket_state_id, t.ticket_priority_id, t.type_id, t.service_id, t.sla_id
    FROM ticket t
    WHERE %s
    ORDER BY t.change_time, t.id%s
) p
LEFT JOIN time_accounting b ON b.ticket_id = p.id AND b.time_unit <> 0
LEFT JOIN article a ON a.id = b.article_id
LEFT JOIN article_data_mime m ON m.article_id = a.id
ORDER BY p.change_time, p.id, b.id
SQL

# Column of the page => table with the names for it.
my %TABLE_OF = (
    Queue    => 'queue',
    Priority => 'ticket_priority',
    Type     => 'ticket_type',
    Service  => 'service',
    SLA      => 'sla',
);

my $HISTORY_TYPES = q{SELECT id FROM ticket_history_type WHERE name IN ('NewTicket', 'StateUpdate')};

sub new {
    my ( $Type, %Param ) = @_;

    return bless {}, $Type;
}

# Why these names of states, or of state types, cannot be searched for; empty when they can.
#   States or StateTypes => [ names ]
sub StatesProblem {
    my ( $Self, %Param ) = @_;

    my @All = $Self->_States();

    for my $Name ( @{ $Param{States} || [] } ) {
        my ($State) = grep { $_->{Name} eq $Name } @All;
        return "The helpdesk has no ticket state $Name." if !$State;
        return "Tickets that are $State->{Type} are told by TicketIDs only." if $IS_GONE_TYPE{ $State->{Type} };
    }
    for my $Name ( @{ $Param{StateTypes} || [] } ) {
        return "The helpdesk has no state type $Name." if !grep { $_->{Type} eq $Name } @All;
        return "Tickets that are $Name are told by TicketIDs only." if $IS_GONE_TYPE{$Name};
    }

    return '';
}

# Why these dynamic fields of tickets cannot be told; empty when they can.
sub DynamicFieldsProblem {
    my ( $Self, $Names ) = @_;

    my %Fields = $Kernel::OM->Get('Kernel::System::KivitendoBridge::DynamicFields')->Fields( ObjectType => 'Ticket' );
    my ($Unknown) = grep { !$Fields{$_} } @{$Names};

    return defined $Unknown ? "This helpdesk has no valid dynamic field $Unknown of tickets." : '';
}

#   UserID, DynamicFields => [ names ], and one of
#   TicketIDs => [ … ];  Limit with States, StateTypes, ChangedSince, ClosedBefore, After => { Changed, TicketID }
# Returns { Tickets, Agents, Unreadable, Next, TimeZone, Now }.
sub Run {
    my ( $Self, %Param ) = @_;

    # before anything is read: what changes from now on is changed after this
    my $Now    = time;
    my @States = $Self->_States();
    my ( $Where, @Bind ) = $Param{TicketIDs} ? $Self->_ByID(%Param) : $Self->_BySearch( %Param, All => \@States );

    # one more than asked for tells whether there is another page
    my $Limit   = $Param{TicketIDs} ? '' : ' LIMIT ' . ( $Param{Limit} + 1 );
    my $SQL     = sprintf $PAGE, "$Where AND " . $Self->_Readable( $Param{UserID} ), $Limit;
    my %Page    = $Self->_Page( \@States, $SQL, @Bind );
    my @Tickets = @{ $Page{Tickets} };
    my $Next;
    if ( !$Param{TicketIDs} && @Tickets > $Param{Limit} ) {
        pop @Tickets;
        delete $Page{TicketOf}->{ $Page{LastID} };
        $Next = { map { $_ => $Tickets[-1]->{$_} } qw(Changed TicketID) };
    }

    $Self->_AddCloses( $Page{TicketOf}, @States );
    $Self->_AddDynamicFields( $Page{TicketOf}, $Param{DynamicFields} );

    my %Unread = map { $_ => 1 } grep { !$Page{TicketOf}->{$_} } @{ $Param{TicketIDs} || [] };

    return {
        Tickets    => \@Tickets,
        Agents     => $Self->_Agents( @{ $Page{AgentIDs} } ),
        Unreadable => [ map { $_ + 0 } sort { $a <=> $b } keys %Unread ],
        Next       => $Next,
        TimeZone   => $Kernel::OM->Get('Kernel::System::KivitendoBridge::Product')->TimeZone(),
        Now        => $Now,
    };
}

# All states: ( { ID, Name, Type } ).
sub _States {
    my ( $Self, %Param ) = @_;

    my $Rows = _Rows('SELECT s.id, s.name, y.name FROM ticket_state s INNER JOIN ticket_state_type y ON y.id = s.type_id');

    return map { { ID => $_->[0], Name => $_->[1], Type => $_->[2] } } @{$Rows};
}

sub _ByID {
    my ( $Self, %Param ) = @_;

    return 't.id IN ' . _Numbers( @{ $Param{TicketIDs} } );
}

sub _BySearch {
    my ( $Self, %Param ) = @_;

    my @All = @{ $Param{All} };
    my %Is  = map { $_ => 1 } @{ $Param{States} || $Param{StateTypes} || [] };
    my $Of  = $Param{States} ? 'Name' : 'Type';

    my @Wanted = grep { !$IS_GONE_TYPE{ $_->{Type} } && ( !%Is || $Is{ $_->{$Of} } ) } @All;
    my @Where  = ( 't.ticket_state_id IN ' . _Numbers( map { $_->{ID} } @Wanted ) );
    my @Bind;

    if ( defined $Param{ChangedSince} ) {
        push @Where, 't.change_time >= ?';
        push @Bind,  $Param{ChangedSince};
    }
    if ( defined $Param{ClosedBefore} ) {
        my $Closed = _Numbers( map { $_->{ID} } grep { $_->{Type} eq 'closed' } @All );
        push @Where, "EXISTS (SELECT 1 FROM ticket_history h WHERE h.ticket_id = t.id AND h.state_id IN $Closed"
            . " AND h.history_type_id IN ($HISTORY_TYPES) AND h.create_time < ?)";
        push @Bind, $Param{ClosedBefore};
    }
    if ( defined $Param{After} ) {
        my $After = $Param{After};
        push @Where, "(t.change_time > ? OR (t.change_time = ? AND t.id > $After->{TicketID}))";
        push @Bind, ( $After->{Changed} ) x 2;
    }

    return ( join( ' AND ', @Where ), @Bind );
}

# Queues that the agent may read, whether they are still valid or not: a queue is retired with its tickets in it.
sub _Readable {
    my ( $Self, $UserID ) = @_;

    my %Groups = $Kernel::OM->Get('Kernel::System::Group')->PermissionUserGet(
        UserID => $UserID,
        Type   => 'ro',
    );
    my $Queues = _Rows( 'SELECT id FROM queue WHERE group_id IN ' . _Numbers( keys %Groups ) );

    return 't.queue_id IN ' . _Numbers( map { $_->[0] } @{$Queues} );
}

# Returns ( Tickets => [ … ], TicketOf => { id => ticket }, LastID, AgentIDs => [ … ] ). What is used as a key of a hash is not
# what goes out: a number that has been a key goes out as a string.
sub _Page {
    my ( $Self, $States, $SQL, @Bind ) = @_;

    my %State     = map { $_->{ID} => $_ } @{$States};
    my %NameOf    = map { $_ => { map { @{$_} } @{ _Rows("SELECT id, name FROM $TABLE_OF{$_}") } } } keys %TABLE_OF;
    my $TicketID  = 0;
    my $LastRowID = 0;
    my ( @Tickets, %TicketOf, %IsAgent, $Times );

    my $AddRow = sub {
        my ($Row) = @_;

        if ( $Row->[0] != $TicketID ) {
            my (
                $ID, $Number, $Title, $CustomerID, $CustomerUserID, $IsArchived, $Created, $Changed,
                $QueueID, $StateID, $PriorityID, $TypeID, $ServiceID, $SLAID,
            ) = @{$Row};

            $TicketID  = $ID;
            $LastRowID = 0;
            $Times     = [];
            push @Tickets, $TicketOf{$ID} = {
                TicketID       => $ID + 0,
                TicketNumber   => $Number,
                Title          => $Title          // '',
                CustomerID     => $CustomerID     // '',
                CustomerUserID => $CustomerUserID // '',
                Archived       => $IsArchived ? 1 : 0,
                Created        => substr( $Created, 0, 19 ),
                Changed        => substr( $Changed, 0, 19 ),
                Queue          => $NameOf{Queue}->{$QueueID},
                State          => $State{$StateID}->{Name},
                StateType      => $State{$StateID}->{Type},
                Priority       => $NameOf{Priority}->{$PriorityID},
                Type           => $TypeID    ? $NameOf{Type}->{$TypeID}       : '',
                Service        => $ServiceID ? $NameOf{Service}->{$ServiceID} : '',
                SLA            => $SLAID     ? $NameOf{SLA}->{$SLAID}         : '',
                Closed         => '',
                FirstClosed    => '',
                DynamicFields  => {},
                Times          => $Times,
            };
        }

        # an article that has more than one subject comes once for each
        return if !$Row->[14] || $Row->[14] == $LastRowID;
        ( $LastRowID, my ( $ArticleID, $Units, $AgentID, $Booked, $ArticleCreated, $Subject ) ) = @{$Row}[ 14 .. 20 ];
        $IsAgent{$AgentID} = 1;

        # a database without foreign keys keeps the time of an article that is gone: time without an article
        my $IsOfArticle = $ArticleID && defined $ArticleCreated;
        push @{$Times}, {
            RowID          => $LastRowID + 0,
            Units          => "$Units",
            AgentID        => $AgentID + 0,
            Booked         => substr( $Booked, 0, 19 ),
            ArticleID      => $IsOfArticle ? $ArticleID + 0 : undef,
            ArticleCreated => $IsOfArticle ? substr( $ArticleCreated, 0, 19 ) : undef,
            Subject        => $IsOfArticle ? $Subject // '' : undef,
        };
    };
    _EachRow( $AddRow, $SQL, @Bind );

    return ( Tickets => \@Tickets, TicketOf => \%TicketOf, LastID => $TicketID, AgentIDs => [ keys %IsAgent ] );
}

# A ticket is closed when its history says that it came into a state of type closed; the last time counts even when it is
# open again, as in the helpdesk's own answers.
sub _AddCloses {
    my ( $Self, $TicketOf, @States ) = @_;

    my $Closed = _Numbers( map { $_->{ID} } grep { $_->{Type} eq 'closed' } @States );
    _EachRow(
        sub {
            my ( $TicketID, $First, $Last ) = @{ $_[0] };
            @{ $TicketOf->{$TicketID} }{qw(FirstClosed Closed)} = ( substr( $First, 0, 19 ), substr( $Last, 0, 19 ) );
        },
        'SELECT ticket_id, MIN(create_time), MAX(create_time) FROM ticket_history WHERE ticket_id IN ' . _Numbers( keys %{$TicketOf} )
            . " AND state_id IN $Closed AND history_type_id IN ($HISTORY_TYPES) GROUP BY ticket_id"
    );

    return 1;
}

sub _AddDynamicFields {
    my ( $Self, $TicketOf, $Names ) = @_;

    my %ValuesOf = $Kernel::OM->Get('Kernel::System::KivitendoBridge::DynamicFields')->OfTickets(
        Names     => $Names,
        TicketIDs => [ keys %{$TicketOf} ],
    );
    $TicketOf->{$_}->{DynamicFields} = $ValuesOf{$_} for keys %ValuesOf;

    return 1;
}

# Who has booked, valid or not: { id => { Login, Name } }.
sub _Agents {
    my ( $Self, @IDs ) = @_;

    my $Rows = _Rows( 'SELECT id, login, first_name, last_name FROM users WHERE id IN ' . _Numbers(@IDs) );

    return { map { $_->[0] => { Login => $_->[1], Name => "$_->[2] $_->[3]" } } @{$Rows} };
}

# Ids as a list of the statement: there may be more of them than a statement takes bound values.
sub _Numbers {
    my (@Numbers) = @_;

    return '(' . join( ', ', @Numbers ? map { int $_ } @Numbers : 0 ) . ')';
}

sub _Rows {
    my @Parameters = @_;

    return $Kernel::OM->Get('Kernel::System::KivitendoBridge::Product')->Rows(@Parameters) || _Fail();
}

sub _EachRow {
    my @Parameters = @_;

    return $Kernel::OM->Get('Kernel::System::KivitendoBridge::Product')->EachRow(@Parameters) || _Fail();
}

sub _Fail {
    die "The tickets cannot be read; the helpdesk's log tells why.\n";
}

1;
