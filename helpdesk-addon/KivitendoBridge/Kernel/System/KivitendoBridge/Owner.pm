# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::System::KivitendoBridge::Owner;

use strict;
use warnings;

our @ObjectDependencies = (
    'Kernel::System::DB',
    'Kernel::System::KivitendoBridge::Table',
);

# Owner marks: which company or customer user belongs to which instance of the bridge and which row of its ERP.
# The table stays when the package is uninstalled; without it every record would be a stranger after the next installation.

my $TABLE = 'kivitendo_bridge_owner';

# 191 characters are what MySQL can index with four bytes each; no key of a company or a user is longer.
my $DEFINITION = <<"XML";
<TableCreate Name="$TABLE">
    <Column Name="id" Required="true" PrimaryKey="true" AutoIncrement="true" Type="BIGINT" />
    <Column Name="kind" Required="true" Size="20" Type="VARCHAR" />
    <Column Name="record_key" Required="true" Size="191" Type="VARCHAR" />
    <Column Name="instance" Required="true" Size="30" Type="VARCHAR" />
    <Column Name="row_id" Required="true" Size="20" Type="VARCHAR" />
    <Column Name="create_time" Required="true" Type="DATE" />
    <Unique Name="kivitendo_bridge_owner_key">
        <UniqueColumn Name="kind" />
        <UniqueColumn Name="record_key" />
    </Unique>
    <Index Name="kivitendo_bridge_owner_row">
        <IndexColumn Name="instance" />
        <IndexColumn Name="row_id" />
    </Index>
</TableCreate>
XML

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

# The marks on these keys: { key => { Instance, RowId } }.
sub Marks {
    my ( $Self, %Param ) = @_;

    my $DBObject = $Kernel::OM->Get('Kernel::System::DB');
    my @Keys     = @{ $Param{Keys} };
    my %Marks;

    while ( my @Chunk = splice @Keys, 0, 500 ) {
        my $Success = $DBObject->Prepare(
            SQL => "SELECT record_key, instance, row_id FROM $TABLE WHERE kind = ? AND record_key IN ("
                . join( ', ', ('?') x @Chunk ) . ')',
            Bind => [ \$Param{Kind}, map { \$_ } @Chunk ],
        );
        die "The table $TABLE cannot be read.\n" if !$Success;

        while ( my @Row = $DBObject->FetchrowArray() ) {
            $Marks{ $Row[0] } = { Instance => $Row[1], RowId => $Row[2] };
        }
    }

    return %Marks;
}

# The keys of the records that belong to these rows of this instance: ( row id => [ keys ] ).
sub KeysOfRows {
    my ( $Self, %Param ) = @_;

    my @RowIDs = @{ $Param{RowIds} };
    my %Keys;

    while ( my @Chunk = splice @RowIDs, 0, 500 ) {
        my @Rows = _Select(
            SQL => "SELECT row_id, record_key FROM $TABLE WHERE instance = ? AND kind = ? AND row_id IN ("
                . join( ', ', ('?') x @Chunk ) . ') ORDER BY id DESC',
            Bind => [ \@Param{qw(Instance Kind)}, map { \$_ } @Chunk ],
        );
        for my $Row (@Rows) {
            push @{ $Keys{ $Row->[0] } }, $Row->[1];
        }
    }

    return %Keys;
}

# The next keys of this instance after this one, in the order of the database.
sub KeysAfter {
    my ( $Self, %Param ) = @_;

    my @After = $Param{After} eq '' ? () : ( \$Param{After} );
    my @Rows = _Select(
        SQL => "SELECT record_key FROM $TABLE WHERE kind = ? AND instance = ?"
            . ( @After ? ' AND record_key > ?' : '' ) . ' ORDER BY record_key',
        Bind => [ \@Param{qw(Kind Instance)}, @After ],
        Limit => $Param{Limit},
    );

    return map { $_->[0] } @Rows;
}

sub _Select {
    my (%Param) = @_;

    my $DBObject = $Kernel::OM->Get('Kernel::System::DB');
    $DBObject->Prepare(%Param) || die "The table $TABLE cannot be read.\n";

    my @Rows;
    while ( my @Row = $DBObject->FetchrowArray() ) {
        push @Rows, [@Row];
    }

    return @Rows;
}

# Moves the mark of a record that has got another key. A mark that a vanished record has left under the new key goes:
# the record that stands there now is not that one.
sub Rename {
    my ( $Self, %Param ) = @_;

    my $DBObject = $Kernel::OM->Get('Kernel::System::DB');
    my @SQL = ( SQL => "SELECT id, record_key FROM $TABLE WHERE kind = ? AND record_key = ?" );
    my ($Old) = grep { $_->[1] eq $Param{Old} } _Select( @SQL, Bind => [ \@Param{qw(Kind Old)} ] );
    my $OldID = $Old ? $Old->[0] : 0;

    # MySQL and MariaDB have no room for two spellings of one key, and find the record's own mark under both
    for my $OtherID ( grep { $_ != $OldID } map { $_->[0] } _Select( @SQL, Bind => [ \@Param{qw(Kind New)} ] ) ) {
        $DBObject->Do( SQL => "DELETE FROM $TABLE WHERE id = ?", Bind => [ \$OtherID ] ) || return;
    }
    return 1 if !$OldID;
    return $DBObject->Do( SQL => "UPDATE $TABLE SET record_key = ? WHERE id = ?", Bind => [ \$Param{New}, \$OldID ] );
}

# Marks a record. Part of the caller's transaction. With IsLeftOver a mark may be there whose record is gone: it makes room,
# whoever's it was. Without it, a mark that is there by now is another bridge's, and stays.
sub Set {
    my ( $Self, %Param ) = @_;

    return if $Param{IsLeftOver} && !$Self->Remove(%Param);

    return $Kernel::OM->Get('Kernel::System::DB')->Do(
        SQL => "INSERT INTO $TABLE (kind, record_key, instance, row_id, create_time) VALUES (?, ?, ?, ?, current_timestamp)",
        Bind => [ \@Param{qw(Kind Key Instance RowId)} ],
    );
}

# Gives the mark of a row that is gone to the row that has taken its place, both of one instance.
sub Pass {
    my ( $Self, %Param ) = @_;

    return $Kernel::OM->Get('Kernel::System::DB')->Do(
        SQL  => "UPDATE $TABLE SET row_id = ? WHERE kind = ? AND record_key = ? AND instance = ? AND row_id = ?",
        Bind => [ \@Param{qw(RowId Kind Key Instance FormerRowId)} ],
    );
}

sub Remove {
    my ( $Self, %Param ) = @_;

    return $Kernel::OM->Get('Kernel::System::DB')->Do(
        SQL  => "DELETE FROM $TABLE WHERE kind = ? AND record_key = ?",
        Bind => [ \@Param{qw(Kind Key)} ],
    );
}

1;
