# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::System::KivitendoBridge::Records;

use strict;
use warnings;

use Kernel::System::KivitendoBridge::Kind;

our @ObjectDependencies = (
    'Kernel::System::DB',
    'Kernel::System::KivitendoBridge::Company',
    'Kernel::System::KivitendoBridge::DynamicFields',
    'Kernel::System::KivitendoBridge::Members',
    'Kernel::System::KivitendoBridge::Owner',
    'Kernel::System::KivitendoBridge::Product',
    'Kernel::System::KivitendoBridge::User',
);

# Reads records with everything that the bridge wants to know of them: a handful of statements for a page, never one for
# each record, and nothing from a cache.

# State types of tickets that nobody works on any more.
my @DONE = qw(closed merged removed);

# Records without a mark may be few among many: looked for in steps of so many.
my $UNOWNED_STEP = 1000;

sub new {
    my ( $Type, %Param ) = @_;

    return bless {}, $Type;
}

#   Instance, Type, Tickets => 0 or 1, and one of: Keys => [ … ]; RowIds => [ … ]; After with Limit and Owner
# Returns { Records => [ { Key, Fields, DynamicFields, Companies, Owner, [Tickets] } ], Next }.
sub Run {
    my ( $Self, %Param ) = @_;

    $Kernel::OM->Get('Kernel::System::KivitendoBridge::Owner')->TableEnsure();

    my $Kind = Kernel::System::KivitendoBridge::Kind->new(
        Is => $Kernel::OM->Get("Kernel::System::KivitendoBridge::$Param{Type}"),
    );
    return { Records => [], Next => '' } if $Kind->Problem();

    my ( $Rows, $Next ) = $Self->_Rows( %Param, Kind => $Kind );

    return {
        Records => [ $Self->_Told( %Param, Kind => $Kind, Rows => $Rows ) ],
        Next    => $Next,
    };
}

sub _Rows {
    my ( $Self, %Param ) = @_;

    my $Kind = $Param{Kind};

    return ( [ $Kind->RowsOfKeys( @{ $Param{Keys} } ) ], '' ) if $Param{Keys};
    if ( $Param{RowIds} ) {
        my %Keys = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Owner')->KeysOfRows( %Param, Kind => $Param{Type} );
        return ( [ $Self->_RowsExactly( $Kind, map { @{$_} } values %Keys ) ], '' );
    }

    return $Param{Owner} eq 'ours' ? $Self->_PageOfOurs(%Param) : $Self->_Page(%Param);
}

# A mark belongs to the very key, not to what the database takes for the same one.
sub _RowsExactly {
    my ( $Self, $Kind, @Keys ) = @_;

    my $KeyField = $Kind->{Is}->KeyField();
    my %RowOf    = map { $_->{$KeyField} => $_ } $Kind->RowsOfKeys(@Keys);

    return grep {defined} map { $RowOf{$_} } @Keys;
}

sub _PageOfOurs {
    my ( $Self, %Param ) = @_;

    my @Keys = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Owner')->KeysAfter( %Param, Kind => $Param{Type} );

    return ( [ $Self->_RowsExactly( $Param{Kind}, @Keys ) ], @Keys < $Param{Limit} ? '' : $Keys[-1] );
}

sub _Page {
    my ( $Self, %Param ) = @_;

    my ( $Kind, $After, $Limit ) = @Param{qw(Kind After Limit)};
    my $KeyField = $Kind->{Is}->KeyField();
    my $Step     = $Param{Owner} eq 'unowned' ? $UNOWNED_STEP : $Limit;
    my @Page;

    while ( @Page < $Limit ) {
        my @Rows = $Kind->RowsAfter( $After, $Step );
        my $IsLast = @Rows < $Step;
        $After = $Rows[-1]->{$KeyField} if @Rows;

        if ( $Param{Owner} eq 'unowned' ) {
            my %Marks = $Self->_Marks( $Param{Type}, map { $_->{$KeyField} } @Rows );
            @Rows = grep { !$Marks{ $_->{$KeyField} } } @Rows;
        }
        push @Page, @Rows;
        return ( \@Page, '' ) if $IsLast && @Page <= $Limit;
    }

    splice @Page, $Limit;
    return ( \@Page, $Page[-1]->{$KeyField} );
}

sub _Marks {
    my ( $Self, $Type, @Keys ) = @_;

    return $Kernel::OM->Get('Kernel::System::KivitendoBridge::Owner')->Marks( Kind => $Type, Keys => \@Keys );
}

sub _Told {
    my ( $Self, %Param ) = @_;

    my ( $Kind, $Type ) = @Param{qw(Kind Type)};
    my $KeyField = $Kind->{Is}->KeyField();
    my @Fields   = grep { $_ ne $KeyField } $Kind->MappedFields();
    my @Keys     = map { $_->{$KeyField} } @{ $Param{Rows} };

    my %Mark    = $Self->_Marks( $Type, @Keys );
    my %Dynamic = $Kernel::OM->Get('Kernel::System::KivitendoBridge::DynamicFields')->Stored(
        ObjectType => $Kind->{Is}->SourcePrefix(),
        Keys       => \@Keys,
    );
    my %Companies = $Type eq 'User'
        ? $Kernel::OM->Get('Kernel::System::KivitendoBridge::Members')->Companies( Logins => \@Keys )
        : ();
    my %Tickets = $Param{Tickets} ? $Self->_Tickets( $Type, @Keys ) : ();

    my @Told;
    for my $Row ( @{ $Param{Rows} } ) {
        my $Key = $Row->{$KeyField};
        my %Values = map { $_ => $_ eq 'ValidID' ? ( $Row->{$_} // 0 ) + 0 : '' . ( $Row->{$_} // '' ) } @Fields;
        push @Told, {
            Key           => "$Key",
            Fields        => \%Values,
            DynamicFields => $Dynamic{$Key} || {},
            Companies     => $Companies{$Key} || [],
            Owner         => $Mark{$Key},
            ( $Param{Tickets} ? ( Tickets => $Tickets{$Key} || { All => 0, Open => 0 } ) : () ),
        };
    }

    return @Told;
}

# How many tickets carry these keys: ( key => { All, Open } ).
sub _Tickets {
    my ( $Self, $Type, @Keys ) = @_;

    my $DBObject = $Kernel::OM->Get('Kernel::System::DB');
    my $Column   = $Type eq 'Company' ? 't.customer_id' : 't.customer_user_id';
    my $KeyOf    = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Product')->AskedBy(@Keys);
    my %IsDone   = map { $_ => 1 } @DONE;
    my %Tickets;

    while ( my @Chunk = splice @Keys, 0, 500 ) {
        $DBObject->Prepare(
            SQL => "SELECT $Column, y.name, COUNT(*) FROM ticket t"
                . ' INNER JOIN ticket_state s ON s.id = t.ticket_state_id'
                . ' INNER JOIN ticket_state_type y ON y.id = s.type_id'
                . " WHERE $Column IN (" . join( ', ', ('?') x @Chunk ) . ") GROUP BY $Column, y.name",
            Bind => [ map { \$_ } @Chunk ],
        ) || die "The tickets cannot be counted.\n";

        while ( my ( $Key, $StateType, $Count ) = $DBObject->FetchrowArray() ) {
            my $Of = $Tickets{ $KeyOf->($Key) } ||= { All => 0, Open => 0 };
            $Of->{All} += $Count;
            $Of->{Open} += $Count if !$IsDone{$StateType};
        }
    }

    return %Tickets;
}

1;
