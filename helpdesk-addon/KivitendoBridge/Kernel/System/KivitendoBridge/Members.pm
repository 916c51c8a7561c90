# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::System::KivitendoBridge::Members;

use strict;
use warnings;

our @ObjectDependencies = (
    'Kernel::System::Cache',
    'Kernel::System::CustomerUser',
    'Kernel::System::DB',
    'Kernel::System::KivitendoBridge::Product',
    'Kernel::System::KivitendoBridge::Table',
);

# Additional companies of customer users, and which of them the bridge has added: it takes away those only.

my $TABLE = 'kivitendo_bridge_member';

my $DEFINITION = <<"XML";
<TableCreate Name="$TABLE">
    <Column Name="id" Required="true" PrimaryKey="true" AutoIncrement="true" Type="BIGINT" />
    <Column Name="user_login" Required="true" Size="191" Type="VARCHAR" />
    <Column Name="customer_id" Required="true" Size="150" Type="VARCHAR" />
    <Column Name="create_time" Required="true" Type="DATE" />
    <Index Name="kivitendo_bridge_member_user">
        <IndexColumn Name="user_login" />
    </Index>
    <Index Name="kivitendo_bridge_member_company">
        <IndexColumn Name="customer_id" />
    </Index>
</TableCreate>
XML

# The column customer_user_customer.user_id is shorter than that of the login.
my $LONGEST_LOGIN = 100;

sub new {
    my ( $Type, %Param ) = @_;

    return bless {}, $Type;
}

sub TableEnsure {
    my ( $Self, %Param ) = @_;

    return $Kernel::OM->Get('Kernel::System::KivitendoBridge::Table')->Ensure( Name => $TABLE, Definition => $DEFINITION );
}

sub TableExists {
    my ( $Self, %Param ) = @_;

    return $Kernel::OM->Get('Kernel::System::KivitendoBridge::Table')->Exists( Name => $TABLE );
}

# All additional companies of these users: ( login => [ customer ids, sorted ] ).
sub Companies {
    my ( $Self, %Param ) = @_;

    return _Read( 'customer_user_customer', 'user_id', $Param{Logins} );
}

# Those that the bridge has added.
sub Ours {
    my ( $Self, %Param ) = @_;

    return _Read( $TABLE, 'user_login', $Param{Logins} );
}

sub _Read {
    my ( $Table, $Column, $Logins ) = @_;

    my $DBObject = $Kernel::OM->Get('Kernel::System::DB');
    my @Logins   = @{$Logins};
    my $LoginOf  = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Product')->AskedBy(@Logins);
    my %Found;

    while ( my @Chunk = splice @Logins, 0, 500 ) {
        my $Success = $DBObject->Prepare(
            SQL  => "SELECT $Column, customer_id FROM $Table WHERE $Column IN (" . join( ', ', ('?') x @Chunk ) . ')',
            Bind => [ map { \$_ } @Chunk ],
        );
        die "The table $Table cannot be read.\n" if !$Success;

        while ( my @Row = $DBObject->FetchrowArray() ) {
            $Found{ $LoginOf->( $Row[0] ) }->{ $Row[1] } = 1;
        }
    }

    return map { $_ => [ sort keys %{ $Found{$_} } ] } keys %Found;
}

# What is to be done so that the user has the wanted companies: { Add, Remove, Forget => [ customer ids ] }. Forget names
# those that are neither wanted nor there any more: should an agent add them again, they are the agent's.
#   Wanted, Stored, Ours => [ customer ids ], Own => the user's own company
sub Plan {
    my ( $Self, %Param ) = @_;

    my $ProductObject = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Product');
    my $Fold          = sub { return $ProductObject->Fold( Value => $_[0] ) };

    my %Seen     = ( $Fold->( $Param{Own} ) => 1 );
    my @Wanted   = grep { !$Seen{ $Fold->($_) }++ } @{ $Param{Wanted} };
    my %IsWanted = map { $Fold->($_) => 1 } @Wanted;
    my %IsThere  = map { $Fold->($_) => 1 } @{ $Param{Stored} };
    my @Unwanted = grep { !$IsWanted{ $Fold->($_) } } @{ $Param{Ours} };

    return {
        Add    => [ grep { !$IsThere{ $Fold->($_) } } @Wanted ],
        Remove => [ grep { $IsThere{ $Fold->($_) } } @Unwanted ],
        Forget => [ grep { !$IsThere{ $Fold->($_) } } @Unwanted ],
    };
}

# Why these companies cannot be stored, as a sentence; empty when they can.
sub Problem {
    my ( $Self, %Param ) = @_;

    return "A login of more than $LONGEST_LOGIN characters cannot have additional companies."
        if @{ $Param{Add} } && length $Param{Login} > $LONGEST_LOGIN;

    for my $CustomerID ( @{ $Param{Add} } ) {
        return 'The key of an additional company is longer than 150.'      if length $CustomerID > 150;
        return 'The key of an additional company has a control character.' if $CustomerID =~ m{[[:cntrl:]]}xms;
        return 'The key of an additional company has a character that the database of this helpdesk cannot hold.'
            if $CustomerID ne $Kernel::OM->Get('Kernel::System::KivitendoBridge::Product')->StoredAs($CustomerID);
    }

    return '';
}

# Does what Plan says. Part of the caller's transaction.
#   Login, UserID, Add, Remove, Forget
sub Write {
    my ( $Self, %Param ) = @_;

    for my $CustomerID ( @{ $Param{Remove} } ) {
        $Self->_Relate( $Param{Login}, $CustomerID, 0, $Param{UserID} ) || return 0;
    }
    for my $CustomerID ( @{ $Param{Remove} }, @{ $Param{Forget} }, @{ $Param{Add} } ) {
        $Self->_Unremember( $Param{Login}, $CustomerID ) || return 0;
    }
    for my $CustomerID ( @{ $Param{Add} } ) {
        $Self->_Relate( $Param{Login}, $CustomerID, 1, $Param{UserID} ) || return 0;
        $Kernel::OM->Get('Kernel::System::DB')->Do(
            SQL  => "INSERT INTO $TABLE (user_login, customer_id, create_time) VALUES (?, ?, current_timestamp)",
            Bind => [ \$Param{Login}, \$CustomerID ],
        ) || return 0;
    }

    return 1;
}

sub _Relate {
    my ( $Self, $Login, $CustomerID, $Active, $UserID ) = @_;

    return $Kernel::OM->Get('Kernel::System::CustomerUser')->CustomerUserCustomerMemberAdd(
        CustomerUserID => $Login,
        CustomerID     => $CustomerID,
        Active         => $Active,
        UserID         => $UserID,
    );
}

sub _Unremember {
    my ( $Self, $Login, $CustomerID ) = @_;

    return $Kernel::OM->Get('Kernel::System::DB')->Do(
        SQL  => "DELETE FROM $TABLE WHERE user_login = ? AND customer_id = ?",
        Bind => [ \$Login, \$CustomerID ],
    );
}

# Moves the additional companies of a renamed user, or the users of a renamed additional company. With OnlyOurs what
# agents have added stays where it is: the helpdesk itself moves none of them.
#   Kind, Old, New, UserID, OnlyOurs
sub Follow {
    my ( $Self, %Param ) = @_;

    my ( $Theirs, $Ours ) = $Param{Kind} eq 'User' ? qw(user_id user_login) : qw(customer_id customer_id);
    my @Pairs = $Self->_Pairs( 'user_id, customer_id', 'customer_user_customer', $Theirs, $Param{Old} );
    my @Ours = $Self->_Pairs( 'user_login, customer_id', $TABLE, $Ours, $Param{Old} );

    if ( $Param{OnlyOurs} ) {
        my %IsOurs = map { join( "\0", @{$_} ) => 1 } @Ours;
        @Pairs = grep { $IsOurs{ join "\0", @{$_} } } @Pairs;
    }
    for my $Pair (@Pairs) {
        my ( $Login, $CustomerID ) = @{$Pair};
        my @New = $Param{Kind} eq 'User' ? ( $Param{New}, $CustomerID ) : ( $Login, $Param{New} );
        $Self->_Relate( $Login, $CustomerID, 0, $Param{UserID} ) || return 0;
        $Self->_Relate( @New, 1, $Param{UserID} ) || return 0;
    }

    return 1 if !@Ours;
    return $Kernel::OM->Get('Kernel::System::DB')->Do(
        SQL  => "UPDATE $TABLE SET $Ours = ? WHERE $Ours = ?",
        Bind => [ \@Param{qw(New Old)} ],
    );
}

sub _Pairs {
    my ( $Self, $Columns, $Table, $Column, $Value ) = @_;

    my $DBObject = $Kernel::OM->Get('Kernel::System::DB');
    $DBObject->Prepare( SQL => "SELECT $Columns FROM $Table WHERE $Column = ?", Bind => [ \$Value ] )
        || die "The table $Table cannot be read.\n";

    my @Pairs;
    while ( my @Row = $DBObject->FetchrowArray() ) {
        push @Pairs, [@Row];
    }

    return @Pairs;
}

# The helpdesk's caches of these users and companies; why, is told in Kind.pm.
sub CacheForget {
    my ( $Self, %Param ) = @_;

    my @Keys = (
        ( map {"CustomerUserID::$_"} @{ $Param{Logins} || [] } ),
        ( map {"CustomerID::$_"} @{ $Param{CustomerIDs} || [] } ),
    );
    for my $Key (@Keys) {
        eval {
            $Kernel::OM->Get('Kernel::System::Cache')->Delete(
                Type => 'CustomerUser',
                Key  => "Cache::CustomerUserCustomerMemberList::$Key",
            );
        };
    }

    return 1;
}

1;
