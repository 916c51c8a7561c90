# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::System::KivitendoBridge::Owner;

use strict;
use warnings;

our @ObjectDependencies = (
    'Kernel::System::DB',
    'Kernel::System::XML',
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

# Makes the table when it is missing. Called on installation and by each operation, because an installation with
# unwritable directories says "Done." without having run anything.
sub TableEnsure {
    my ( $Self, %Param ) = @_;

    return 1 if $Self->_TableExists();

    my $DBObject = $Kernel::OM->Get('Kernel::System::DB');
    my @XML      = $Kernel::OM->Get('Kernel::System::XML')->XMLParse( String => $DEFINITION );
    my @SQL      = ( $DBObject->SQLProcessor( Database => \@XML ), $DBObject->SQLProcessorPost() );

    for my $Statement (@SQL) {
        $DBObject->Do( SQL => $Statement );
    }

    # A process beside this one may have made it: what counts is that it is there.
    return 1 if $Self->_TableExists();
    die "The table $TABLE could not be created; the helpdesk's log tells why.\n";
}

sub _TableExists {
    my ( $Self, %Param ) = @_;

    my $DatabaseHandle = $Kernel::OM->Get('Kernel::System::DB')->Connect() || die "no database\n";

    # asked of the handle itself: the database object would log an error when the table is missing
    local $DatabaseHandle->{PrintError} = 0;
    local $DatabaseHandle->{RaiseError} = 0;

    return $DatabaseHandle->do("SELECT 1 FROM $TABLE WHERE 1 = 0") ? 1 : 0;
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

# Marks a record, whoever's mark was left there by a record that is gone. Part of the caller's transaction.
sub Set {
    my ( $Self, %Param ) = @_;

    $Self->Remove(%Param) || return;

    return $Kernel::OM->Get('Kernel::System::DB')->Do(
        SQL => "INSERT INTO $TABLE (kind, record_key, instance, row_id, create_time) VALUES (?, ?, ?, ?, current_timestamp)",
        Bind => [ \@Param{qw(Kind Key Instance RowId)} ],
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
