# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::System::KivitendoBridge::Tickets;

use strict;
use warnings;

our @ObjectDependencies = (
    'Kernel::System::DB',
    'Kernel::System::Group',
    'Kernel::System::KivitendoBridge::DynamicFields',
    'Kernel::System::KivitendoBridge::Product',
);

# Reads tickets with the rows of their accounted time: four statements for a page, never one for each ticket, and nothing
# from a cache. Bodies of articles are not read at all.

# Emptied or thrown away: the change that made a ticket so is told by the ticket to which its time has gone, or by nobody.
my %IS_GONE_TYPE = map { $_ => 1 } qw(merged removed);

# Tickets and their time come from one statement, so that a merge that happens meanwhile is seen whole or not at all.
# The page is cut out before anything is joined. Names, not numbers: whoever renames a state wants to see the new name.
my $PAGE = <<'SQL';
SELECT p.id, p.tn, p.title, p.customer_id, p.customer_user_id, p.archive_flag, p.create_time, p.change_time,
    q.name, s.name, y.name, r.name, k.name, v.name, l.name,
    b.id, b.article_id, b.time_unit, b.create_by, b.create_time, a.create_time, m.a_subject
FROM (
    SELECT t.id, t.tn, t.title, t.customer_id, t.customer_user_id, t.archive_flag, t.create_time, t.change_time,
        t.queue_id, t.ticket_state_id, t.ticket_priority_id, t.type_id, t.service_id, t.sla_id
    FROM ticket t
    WHERE %s
    ORDER BY t.change_time, t.id%s
) p
INNER JOIN queue q ON q.id = p.queue_id
INNER JOIN ticket_state s ON s.id = p.ticket_state_id
INNER JOIN ticket_state_type y ON y.id = s.type_id
INNER JOIN ticket_priority r ON r.id = p.ticket_priority_id
LEFT JOIN ticket_type k ON k.id = p.type_id
LEFT JOIN service v ON v.id = p.service_id
LEFT JOIN sla l ON l.id = p.sla_id
LEFT JOIN time_accounting b ON b.ticket_id = p.id AND b.time_unit <> 0
LEFT JOIN article a ON a.id = b.article_id
LEFT JOIN article_data_mime m ON m.article_id = a.id
ORDER BY p.change_time, p.id, b.id
SQL

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
    my @Tickets = $Self->_Page( sprintf( $PAGE, "$Where AND " . $Self->_Readable( $Param{UserID} ), $Limit ), @Bind );
    my $Next;
    if ( !$Param{TicketIDs} && @Tickets > $Param{Limit} ) {
        pop @Tickets;
        $Next = { map { $_ => $Tickets[-1]->{$_} } qw(Changed TicketID) };
    }

    # A number that has been the key of a hash goes out as a string: only copies are used as keys.
    my %TicketOf = map { my $ID = $_->{TicketID}; "$ID" => $_ } @Tickets;
    $Self->_AddCloses( \%TicketOf, @States );
    $Self->_AddDynamicFields( \%TicketOf, $Param{DynamicFields} );

    my %Unread = map { $_ => 1 } grep { !$TicketOf{$_} } @{ $Param{TicketIDs} || [] };

    return {
        Tickets    => \@Tickets,
        Agents     => $Self->_Agents(@Tickets),
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

sub _Page {
    my ( $Self, $SQL, @Bind ) = @_;

    my ( @Tickets, $Ticket );
    my $RowID = 0;

    for my $Row ( @{ _Rows( $SQL, @Bind ) } ) {
        if ( !$Ticket || $Ticket->{TicketID} != $Row->[0] ) {
            $Ticket = {
                TicketID       => $Row->[0] + 0,
                TicketNumber   => "$Row->[1]",
                Title          => $Row->[2] // '',
                CustomerID     => $Row->[3] // '',
                CustomerUserID => $Row->[4] // '',
                Archived       => $Row->[5] ? 1 : 0,
                Created        => substr( $Row->[6], 0, 19 ),
                Changed        => substr( $Row->[7], 0, 19 ),
                Queue          => $Row->[8],
                State          => $Row->[9],
                StateType      => $Row->[10],
                Priority       => $Row->[11],
                Type           => $Row->[12] // '',
                Service        => $Row->[13] // '',
                SLA            => $Row->[14] // '',
                Closed         => '',
                FirstClosed    => '',
                DynamicFields  => {},
                Times          => [],
            };
            push @Tickets, $Ticket;
            $RowID = 0;
        }

        # an article that has more than one subject comes once for each
        next if !$Row->[15] || $Row->[15] == $RowID;
        $RowID = $Row->[15];
        push @{ $Ticket->{Times} }, {
            RowID   => $RowID + 0,
            Units   => "$Row->[17]",
            AgentID => $Row->[18] + 0,
            Booked  => substr( $Row->[19], 0, 19 ),
            $Row->[16]
            ? (
                ArticleID      => $Row->[16] + 0,
                ArticleCreated => substr( $Row->[20], 0, 19 ),
                Subject        => $Row->[21] // '',
                )
            : ( ArticleID => undef, ArticleCreated => undef, Subject => undef ),
        };
    }

    return @Tickets;
}

# A ticket is closed when its history says that it came into a state of type closed; the last time counts even when it is
# open again, as in the helpdesk's own answers.
sub _AddCloses {
    my ( $Self, $TicketOf, @States ) = @_;

    my $Closed = _Numbers( map { $_->{ID} } grep { $_->{Type} eq 'closed' } @States );
    my $Rows   = _Rows(
        'SELECT ticket_id, MIN(create_time), MAX(create_time) FROM ticket_history WHERE ticket_id IN ' . _Numbers( keys %{$TicketOf} )
            . " AND state_id IN $Closed AND history_type_id IN ($HISTORY_TYPES) GROUP BY ticket_id"
    );

    for my $Row ( @{$Rows} ) {
        my $Ticket = $TicketOf->{ $Row->[0] };
        $Ticket->{FirstClosed} = substr( $Row->[1], 0, 19 );
        $Ticket->{Closed}      = substr( $Row->[2], 0, 19 );
    }

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
    my ( $Self, @Tickets ) = @_;

    my %IsNamed;
    for my $Ticket (@Tickets) {
        for my $Time ( @{ $Ticket->{Times} } ) {
            my $ID = $Time->{AgentID};
            $IsNamed{"$ID"} = 1;
        }
    }

    my $Rows = _Rows( 'SELECT id, login, first_name, last_name FROM users WHERE id IN ' . _Numbers( keys %IsNamed ) );

    return { map { $_->[0] => { Login => $_->[1], Name => "$_->[2] $_->[3]" } } @{$Rows} };
}

# Ids as a list of the statement: there may be more of them than a statement takes bound values.
sub _Numbers {
    my (@Numbers) = @_;

    return '(' . join( ', ', @Numbers ? map { int $_ } @Numbers : 0 ) . ')';
}

sub _Rows {
    my ( $SQL, @Bind ) = @_;

    my $DBObject = $Kernel::OM->Get('Kernel::System::DB');
    $DBObject->Prepare(
        SQL  => $SQL,
        Bind => [ map { \$_ } @Bind ],
    ) || die "The tickets cannot be read; the helpdesk's log tells why.\n";

    my @Rows;
    while ( my @Row = $DBObject->FetchrowArray() ) {
        push @Rows, \@Row;
    }

    return \@Rows;
}

1;
