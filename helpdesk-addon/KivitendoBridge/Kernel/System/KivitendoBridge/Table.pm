# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::System::KivitendoBridge::Table;

use strict;
use warnings;

our @ObjectDependencies = (
    'Kernel::System::DB',
    'Kernel::System::XML',
);

# The package's own tables: made when they are missing, from a description that the helpdesk turns into the SQL of its
# database. They stay when the package is uninstalled.

sub new {
    my ( $Type, %Param ) = @_;

    return bless {}, $Type;
}

# Makes the table when it is missing. Called on installation and by each operation, because an installation with
# unwritable directories says "Done." without having run anything.
sub Ensure {
    my ( $Self, %Param ) = @_;

    return 1 if $Self->Exists( Name => $Param{Name} );

    my $DBObject = $Kernel::OM->Get('Kernel::System::DB');
    my @XML      = $Kernel::OM->Get('Kernel::System::XML')->XMLParse( String => $Param{Definition} );
    my @SQL      = ( $DBObject->SQLProcessor( Database => \@XML ), $DBObject->SQLProcessorPost() );

    for my $Statement (@SQL) {
        $DBObject->Do( SQL => $Statement );
    }

    # A process beside this one may have made it: what counts is that it is there.
    return 1 if $Self->Exists( Name => $Param{Name} );
    die "The table $Param{Name} could not be created; the helpdesk's log tells why.\n";
}

sub Exists {
    my ( $Self, %Param ) = @_;

    my $DatabaseHandle = $Kernel::OM->Get('Kernel::System::DB')->Connect() || die "no database\n";

    # asked of the handle itself: the database object would log an error when the table is missing
    local $DatabaseHandle->{PrintError} = 0;
    local $DatabaseHandle->{RaiseError} = 0;

    return $DatabaseHandle->do("SELECT 1 FROM $Param{Name} WHERE 1 = 0") ? 1 : 0;
}

1;
