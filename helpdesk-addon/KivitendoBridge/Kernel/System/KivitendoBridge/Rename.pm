# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::System::KivitendoBridge::Rename;

use strict;
use warnings;

our @ObjectDependencies = (
    'Kernel::System::Cache',
    'Kernel::System::DB',
    'Kernel::System::KivitendoBridge::DynamicFields',
    'Kernel::System::KivitendoBridge::Members',
    'Kernel::System::Ticket',
);

# What hangs on the key of a record, and follows when the bridge renames it. The helpdesk's own event modules move most of
# it while the class renames the record; this moves what they leave behind: the users beyond the first 250 of a company,
# and those whose address would be refused today; a user's tickets of another company; additional companies, rights of
# groups, and dynamic fields when only the case of the key differs.

sub new {
    my ( $Type, %Param ) = @_;

    return bless {}, $Type;
}

# Before the class renames the record, in the caller's transaction. Returns what is to be handed to Move and CacheForget.
#   Type => 'Company' or 'User', Old, New, UserID, ObjectType, UserKind => the Kind of users, undef when there is no source
sub Prepare {
    my ( $Self, %Param ) = @_;

    my $Column = $Param{Type} eq 'Company' ? 'customer_id' : 'customer_user_id';
    my %Move = ( %Param, TicketIDs => [ map { $_->[0] } _Select( 'id', 'ticket', $Column, $Param{Old} ) ] );

    $Move{Users} = [ $Param{UserKind} && $Param{Type} eq 'Company' ? $Param{UserKind}->RowsWith( UserCustomerID => $Param{Old} ) : () ];
    $Move{Members} = [
        map { $_->[0] } $Param{Type} eq 'Company'
        ? _Select( 'user_id', 'customer_user_customer', 'customer_id', $Param{Old} )
        : _Select( 'customer_id', 'customer_user_customer', 'user_id', $Param{Old} )
    ];

    # the helpdesk's event modules read what they write back
    $Self->CacheForget( Move => \%Move );
    $Kernel::OM->Get('Kernel::System::KivitendoBridge::DynamicFields')->MakeRoom(%Param) || die "The new key has leftovers.\n";

    return \%Move;
}

# After the class has renamed the record, in the same transaction; dies when something cannot be moved.
sub Move {
    my ( $Self, %Param ) = @_;

    my %Move = %{ $Param{Move} };

    $Self->_MoveUsers(%Move) if $Move{Type} eq 'Company' && $Move{UserKind};
    $Self->_MoveTickets(%Move);
    $Kernel::OM->Get('Kernel::System::KivitendoBridge::Members')->Follow( %Move, Kind => $Move{Type} )
        || die "The additional companies could not be moved.\n";
    $Kernel::OM->Get('Kernel::System::KivitendoBridge::DynamicFields')->Follow(%Move)
        || die "The dynamic fields could not be moved.\n";

    my ( $Table, $Column ) = $Move{Type} eq 'Company' ? qw(group_customer customer_id) : qw(group_customer_user user_id);
    $Kernel::OM->Get('Kernel::System::DB')->Do(
        SQL  => "UPDATE $Table SET $Column = ? WHERE $Column = ?",
        Bind => [ \$Move{New}, \$Move{Old} ],
    ) || die "The rights could not be moved.\n";

    return 1;
}

sub _MoveUsers {
    my ( $Self, %Move ) = @_;

    for my $Row ( grep { $_->{UserCustomerID} ne $Move{New} } $Move{UserKind}->RowsWith( UserCustomerID => $Move{Old} ) ) {
        my %New = ( %{$Row}, UserCustomerID => $Move{New} );

        # The class looks at the address again. One that it refuses today was good enough when it was stored.
        $Move{UserKind}->Write( Row => \%New, Key => $Row->{UserLogin}, UserID => $Move{UserID} )
            || $Move{UserKind}->Set( $Row->{UserLogin}, UserCustomerID => $Move{New} )
            || die "The user $Row->{UserLogin} could not be moved.\n";
    }

    return 1;
}

sub _MoveTickets {
    my ( $Self, %Move ) = @_;

    my ( $Column, $Parameter ) = $Move{Type} eq 'Company' ? qw(customer_id No) : qw(customer_user_id User);

    for my $Ticket ( _Select( "id, $Column", 'ticket', $Column, $Move{Old} ) ) {
        my ( $TicketID, $Key ) = @{$Ticket};
        next if $Key eq $Move{New};

        $Kernel::OM->Get('Kernel::System::Ticket')->TicketCustomerSet(
            TicketID   => $TicketID,
            $Parameter => $Move{New},
            UserID     => $Move{UserID},
        ) || die "The ticket with the id $TicketID could not be moved.\n";
    }

    return 1;
}

sub _Select {
    my ( $Columns, $Table, $Column, $Value ) = @_;

    my $DBObject = $Kernel::OM->Get('Kernel::System::DB');
    $DBObject->Prepare( SQL => "SELECT $Columns FROM $Table WHERE $Column = ?", Bind => [ \$Value ] )
        || die "The table $Table cannot be read.\n";

    my @Rows;
    while ( my @Row = $DBObject->FetchrowArray() ) {
        push @Rows, [@Row];
    }

    return @Rows;
}

# The helpdesk's caches of everything that moves: before the move, and once more after its end, however it ended.
sub CacheForget {
    my ( $Self, %Param ) = @_;

    my %Move = %{ $Param{Move} };

    for my $TicketID ( @{ $Move{TicketIDs} } ) {
        eval { $Kernel::OM->Get('Kernel::System::Ticket')->_TicketCacheClear( TicketID => $TicketID ) };
    }
    for my $User ( @{ $Move{Users} } ) {
        $Move{UserKind}->CacheForget( $User->{UserLogin} );
    }
    $Move{UserKind}->CacheForgetLists() if $Move{UserKind};

    my $IsCompany = $Move{Type} eq 'Company';
    $Kernel::OM->Get('Kernel::System::KivitendoBridge::Members')->CacheForget(
        Logins      => [ $IsCompany ? @{ $Move{Members} } : @Move{qw(Old New)} ],
        CustomerIDs => [ $IsCompany ? @Move{qw(Old New)} : @{ $Move{Members} } ],
    );
    $Kernel::OM->Get('Kernel::System::KivitendoBridge::DynamicFields')->CacheForgetAll();
    eval { $Kernel::OM->Get('Kernel::System::Cache')->CleanUp( Type => 'CustomerGroup' ) };

    return 1;
}

1;
