package Kernel::GenericInterface::Operation::KivitendoBridgeTest::Bench;

# TEST ONLY, never part of the package: many closed tickets within seconds, and the least that reading them can take.
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Called by the step Bench of the test operation, for PostgreSQL only.
#
#   Call    parameters                                   result
#   Seed    Count, Tag, [Customers] (500), [Since]       {"Seconds":…,"First":n,"Last":n} (ids of tickets); Count closed tickets of
#                                                        the customers <Tag>-1, <Tag>-2, …, each with two articles and their time;
#                                                        changed from Since on ("2026-10-01 00:00:00"), three in a second
#   Remove  Tag                                          {"Tickets":n}
#   Limit   [Tag], [Times] (5), [Named:1]                {"Seconds":[…],"SQL":[…],"Tickets":n,"Bytes":n}: the same data with one
#                                                        statement and one call of the JSON encoder, in this very process; rows
#                                                        are lists of values, or with Named objects with named values

use strict;
use warnings;

use JSON        ();
use Time::HiRes ();

our $ObjectManagerDisabled = 1;

my @SEED = (
    <<'SQL',
INSERT INTO ticket (tn, title, queue_id, ticket_lock_id, type_id, user_id, responsible_user_id, ticket_priority_id,
    ticket_state_id, customer_id, customer_user_id, timeout, until_time, escalation_time, escalation_update_time,
    escalation_response_time, escalation_solution_time, archive_flag, create_time, create_by, change_time, change_by)
SELECT lpad((SELECT COALESCE(MAX(id), 0) FROM ticket)::text, 8, '9') || lpad(n::text, 8, '0'), 'Seed ticket ' || n || ' – Prüfung',
    (SELECT id FROM queue WHERE name = 'Support'), 1, 1, 1, 1, 3, (SELECT id FROM ticket_state WHERE name = 'closed successful'),
    :tag || '-' || (n % :customers + 1), 'seed@kivi-test.de', 0, 0, 0, 0, 0, 0, 0,
    :since::timestamp - interval '1 day', 1, :since::timestamp + (n / 3) * interval '1 second', 1
FROM generate_series(1, :count) n
SQL
    <<'SQL',
INSERT INTO article (ticket_id, article_sender_type_id, communication_channel_id, is_visible_for_customer,
    search_index_needs_rebuild, create_time, create_by, change_time, change_by)
SELECT t.id, 1, (SELECT id FROM communication_channel WHERE name = 'Internal'), 0, 0, t.create_time, u.id, t.create_time, u.id
FROM ticket t CROSS JOIN generate_series(1, 2) n
INNER JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place, count(*) OVER () AS all_of_them FROM users) u
    ON u.place = (t.id + n) % u.all_of_them + 1
WHERE t.customer_id LIKE :tag || '-%' ORDER BY t.id, n
SQL
    <<'SQL',
INSERT INTO article_data_mime (article_id, a_from, a_to, a_subject, a_content_type, a_body, incoming_time, create_time,
    create_by, change_time, change_by)
SELECT a.id, 'Agent <agent@kivi-test.de>', 'Support', 'Arbeit an ' || t.tn, 'text/plain; charset=utf-8', repeat('Text ', 40), 0,
    a.create_time, a.create_by, a.create_time, a.create_by
FROM article a INNER JOIN ticket t ON t.id = a.ticket_id WHERE t.customer_id LIKE :tag || '-%'
SQL
    <<'SQL',
INSERT INTO time_accounting (ticket_id, article_id, time_unit, create_time, create_by, change_time, change_by)
SELECT t.id, a.id, (a.id % 8 + 1) * 0.25, a.create_time, a.create_by, a.create_time, a.create_by
FROM article a INNER JOIN ticket t ON t.id = a.ticket_id WHERE t.customer_id LIKE :tag || '-%' ORDER BY a.id
SQL
    <<'SQL',
INSERT INTO ticket_history (name, history_type_id, ticket_id, article_id, type_id, queue_id, owner_id, priority_id, state_id,
    create_time, create_by, change_time, change_by)
SELECT 'seed', h.id, t.id, NULL, 1, t.queue_id, 1, 3, s.id,
    CASE h.name WHEN 'NewTicket' THEN t.create_time ELSE t.change_time END, 1, t.change_time, 1
FROM ticket t
INNER JOIN ticket_history_type h ON h.name IN ('NewTicket', 'StateUpdate')
INNER JOIN ticket_state s ON s.name = CASE h.name WHEN 'NewTicket' THEN 'new' ELSE 'closed successful' END
WHERE t.customer_id LIKE :tag || '-%'
SQL
    <<'SQL',
INSERT INTO ticket_history (name, history_type_id, ticket_id, article_id, type_id, queue_id, owner_id, priority_id, state_id,
    create_time, create_by, change_time, change_by)
SELECT 'seed', h.id, t.id, a.id, 1, t.queue_id, 1, 3, s.id, a.create_time, a.create_by, a.create_time, a.create_by
FROM ticket t INNER JOIN article a ON a.ticket_id = t.id
INNER JOIN ticket_history_type h ON h.name IN ('AddNote', 'TimeAccounting')
INNER JOIN ticket_state s ON s.name = 'new'
WHERE t.customer_id LIKE :tag || '-%'
SQL
);

my @SEEDED = qw(ticket article article_data_mime time_accounting ticket_history);

sub Seed {
    my (%Param) = @_;

    my $Handle = _Handle();
    my $Start  = Time::HiRes::time();
    my %Value  = (
        tag       => $Handle->quote( $Param{Tag} ),
        since     => $Handle->quote( $Param{Since} // '2026-10-01 00:00:00' ),
        count     => int $Param{Count},
        customers => int( $Param{Customers} || 500 ),
    );

    $Handle->begin_work();
    for my $Statement (@SEED) {
        ( my $SQL = $Statement ) =~ s{(?<!:):(tag|since|count|customers)\b}{$Value{$1}}xmsg;
        $Handle->do($SQL) || _Undo($Handle);
    }
    $Handle->commit();
    $Handle->do("ANALYZE $_") for @SEEDED;
    my ( $First, $Last ) = $Handle->selectrow_array( 'SELECT MIN(id), MAX(id) FROM ticket WHERE customer_id LIKE ?', undef, "$Param{Tag}-%" );

    return { Seconds => Time::HiRes::time() - $Start, First => $First + 0, Last => $Last + 0 };
}

sub Remove {
    my (%Param) = @_;

    my $Handle  = _Handle();
    my $Tickets = "SELECT id FROM ticket WHERE customer_id LIKE " . $Handle->quote("$Param{Tag}-%");
    my $Count;

    $Handle->begin_work();
    for my $SQL (
        "DELETE FROM ticket_history WHERE ticket_id IN ($Tickets)",
        "DELETE FROM time_accounting WHERE ticket_id IN ($Tickets)",
        "DELETE FROM article_data_mime WHERE article_id IN (SELECT id FROM article WHERE ticket_id IN ($Tickets))",
        "DELETE FROM article_search_index WHERE ticket_id IN ($Tickets)",
        "DELETE FROM article WHERE ticket_id IN ($Tickets)",
        "DELETE FROM ticket WHERE id IN ($Tickets)",
        )
    {
        $Count = $Handle->do($SQL) || _Undo($Handle);
    }
    $Handle->commit();

    return { Tickets => $Count + 0 };
}

my $LIMIT = <<'SQL';
SELECT t.id, t.tn, t.title, q.name AS queue, v.name AS service, l.name AS sla, k.name AS type, r.name AS priority,
    s.name AS state, y.name AS state_type, t.customer_id, t.customer_user_id, t.archive_flag, t.create_time AS created,
    t.change_time AS changed, h.closed, h.first_closed, b.id AS row_id, b.article_id, a.create_time AS article_created,
    m.a_subject, b.time_unit, b.create_by AS agent_id, b.create_time AS booked, u.login, u.first_name, u.last_name
FROM ticket t
INNER JOIN queue q ON q.id = t.queue_id
INNER JOIN ticket_state s ON s.id = t.ticket_state_id
INNER JOIN ticket_state_type y ON y.id = s.type_id
INNER JOIN ticket_priority r ON r.id = t.ticket_priority_id
LEFT JOIN ticket_type k ON k.id = t.type_id
LEFT JOIN service v ON v.id = t.service_id
LEFT JOIN sla l ON l.id = t.sla_id
LEFT JOIN (
    SELECT ticket_id, MIN(h.create_time) AS first_closed, MAX(h.create_time) AS closed FROM ticket_history h
    INNER JOIN ticket_history_type x ON x.id = h.history_type_id AND x.name IN ('NewTicket', 'StateUpdate')
    INNER JOIN ticket_state s ON s.id = h.state_id
    INNER JOIN ticket_state_type y ON y.id = s.type_id AND y.name = 'closed'
    GROUP BY ticket_id
) h ON h.ticket_id = t.id
LEFT JOIN time_accounting b ON b.ticket_id = t.id AND b.time_unit <> 0
LEFT JOIN article a ON a.id = b.article_id
LEFT JOIN article_data_mime m ON m.article_id = a.id
LEFT JOIN users u ON u.id = b.create_by
WHERE y.name = 'closed' AND t.customer_id LIKE ?
ORDER BY t.change_time, t.id, b.id
SQL

sub Limit {
    my (%Param) = @_;

    my $Handle = _Handle();
    my %Answer = ( Seconds => [], SQL => [] );

    for ( 1 .. $Param{Times} || 5 ) {
        my $Start = Time::HiRes::time();
        my $Rows  = $Handle->selectall_arrayref( $LIMIT, $Param{Named} ? { Slice => {} } : undef, defined $Param{Tag} ? "$Param{Tag}-%" : '%' );
        my $Read  = Time::HiRes::time();
        my $JSON  = JSON->new()->encode($Rows);
        push @{ $Answer{Seconds} }, Time::HiRes::time() - $Start;
        push @{ $Answer{SQL} },     $Read - $Start;
        my %IsTicket = map { ( $Param{Named} ? $_->{id} : $_->[0] ) => 1 } @{$Rows};
        @Answer{qw(Tickets Bytes)} = ( scalar( keys %IsTicket ), length $JSON );
    }

    return \%Answer;
}

sub _Handle {
    my $DBObject = $Kernel::OM->Get('Kernel::System::DB');
    die "for PostgreSQL only\n" if $DBObject->GetDatabaseFunction('Type') ne 'postgresql';
    return $DBObject->Connect();
}

sub _Undo {
    my ($Handle) = @_;

    my $Reason = $Handle->errstr();
    $Handle->rollback();
    die "$Reason\n";
}

1;
