package Kernel::GenericInterface::Operation::KivitendoBridgeTest::Source;

# TEST ONLY, never part of the package: a second source of customers in the helpdesk's configuration, and what the
# helpdesk's own classes then find, do and ask of the database. Behind the step "Source" of Agent.pm.
# SPDX-License-Identifier: GPL-3.0-or-later

use strict;
use warnings;
use utf8;

use DBI         ();
use Time::HiRes ();

our $ObjectManagerDisabled = 1;

# A database of its own on the helpdesk's own PostgreSQL server, which trusts its superuser: the tests' database server is
# out of reach for a helpdesk in a container. Name, SQL => [statements]; answers where it is.
sub Create {
    my (%Step) = @_;

    my $Admin = _Connect('postgres');
    $Admin->do( 'CREATE DATABASE ' . $Admin->quote_identifier( $Step{Name} ) . " TEMPLATE template0 ENCODING 'UTF8'" );
    $Admin->disconnect();
    my $Handle = _Connect( $Step{Name} );
    $Handle->do($_) for @{ $Step{SQL} };
    $Handle->disconnect();

    my $DSN = _Get('Config')->Get('DatabaseDSN');
    my ($Port) = $DSN =~ m{port=(\d+)};
    my ($Host) = $DSN =~ m{host=([^;]+)};
    return { Host => $Host, Port => $Port // 5432 };
}

# Runs SQL => [statements] in it.
sub Execute {
    my (%Step) = @_;

    my $Handle = _Connect( $Step{Name} );
    $Handle->do($_) for @{ $Step{SQL} };
    $Handle->disconnect();
    return {};
}

# Name, Role
sub Drop {
    my (%Step) = @_;

    my $Admin = _Connect('postgres');
    $Admin->do( 'DROP DATABASE IF EXISTS ' . $Admin->quote_identifier( $Step{Name} ) . ' WITH (FORCE)' );
    $Admin->do( 'DROP ROLE IF EXISTS ' . $Admin->quote_identifier( $Step{Role} ) );
    $Admin->disconnect();
    return {};
}

# Perl: what `helpdesk backend-config` prints, put where it belongs for this one request; Ask => [{Object, Method, Param,
# As: "hash" or "scalar"}]. Answers for each {Result, Error, Seconds, Statements: [{SQL, Plan}]}, statements of the source
# only.
sub Ask {
    my (%Step) = @_;

    my $ConfigObject = _Get('Config');
    my %Before       = map { $_ => 1 } keys %{$ConfigObject};
    my $Load         = eval "package Kernel::Config; use utf8; sub { my \$Self = shift;\n$Step{Perl}\nreturn 1; }";    ## no critic
    die "the printed part is no Perl: $@" if !$Load;
    $Load->($ConfigObject);
    _Discard();

    my @Answers = eval { map { _AskOne( %{$_} ) } @{ $Step{Ask} } };
    my $Error   = $@;

    delete $ConfigObject->{$_} for grep { !$Before{$_} } keys %{$ConfigObject};
    _Discard();
    die $Error if $Error;
    return \@Answers;
}

sub _AskOne {
    my (%Question) = @_;

    my $LogObject = _Get('Log');
    my $LogBefore = $LogObject->GetLogEntry( Type => 'error', What => 'Message' ) // '';
    my @Statements;
    my @Result;
    my $Began = Time::HiRes::time();

    {
        my $Prepare = Kernel::System::DB->can('Prepare');
        no warnings qw(redefine once);
        local *Kernel::System::DB::Prepare = sub {
            my ( $Self, %Param ) = @_;
            push @Statements, [ $Self, %Param ] if $Self->{DSN} ne _Get('DB')->{DSN};
            return $Prepare->( $Self, %Param );
        };
        my $Object = _Get( $Question{Object} );
        my $Method = $Question{Method};
        @Result = $Object->$Method( %{ $Question{Param} } );
    }
    my $Seconds = Time::HiRes::time() - $Began;

    my $LogAfter = $LogObject->GetLogEntry( Type => 'error', What => 'Message' ) // '';
    return {
        Result     => $Question{As} eq 'hash' ? {@Result} : $Result[0],
        Error      => $LogAfter eq $LogBefore ? undef : $LogAfter,
        Seconds    => $Seconds,
        Statements => [ map { _Explain( @{$_} ) } @Statements ],
    };
}

# The plan that the database makes for a statement with its values.
sub _Explain {
    my ( $DBObject, %Param ) = @_;

    my $Handle = $DBObject->Connect() || return { SQL => $Param{SQL}, Plan => undef };
    my @Values = map { $Handle->quote( ${$_} ) } @{ $Param{Bind} || [] };
    my $SQL    = $Param{SQL};
    $SQL =~ s{\?}{shift @Values}ge;
    $SQL .= " LIMIT $Param{Limit}" if $Param{Limit};
    my $Lines = $Handle->selectcol_arrayref("EXPLAIN $SQL");
    return { SQL => $SQL, Plan => join "\n", @{$Lines} };
}

sub _Discard {
    $Kernel::OM->ObjectsDiscard( Objects => [ 'Kernel::System::CustomerUser', 'Kernel::System::CustomerCompany' ] );
    return;
}

sub _Connect {
    my ($Name) = @_;

    ( my $DSN = _Get('Config')->Get('DatabaseDSN') ) =~ s{dbname=[^;]*}{dbname=$Name};
    return DBI->connect( $DSN, 'postgres', '', { RaiseError => 1, PrintError => 0, pg_enable_utf8 => 1 } );
}

sub _Get {
    my ($Name) = @_;

    return $Kernel::OM->Get( $Name eq 'Config' ? 'Kernel::Config' : "Kernel::System::$Name" );
}

1;
