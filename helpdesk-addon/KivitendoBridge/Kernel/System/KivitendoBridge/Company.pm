# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::System::KivitendoBridge::Company;

use strict;
use warnings;

our @ObjectDependencies = (
    'Kernel::System::CustomerCompany',
);

# Longest values: the columns of OTOBO, which are nowhere wider than those of Znuny and OTRS.
my @FIELD_LENGTHS = (
    [ CustomerCompanyName    => 191 ],
    [ CustomerCompanyStreet  => 200 ],
    [ CustomerCompanyZIP     => 200 ],
    [ CustomerCompanyCity    => 200 ],
    [ CustomerCompanyCountry => 200 ],
    [ CustomerCompanyURL     => 200 ],
    [ CustomerCompanyComment => 250 ],
);

sub new {
    my ( $Type, %Param ) = @_;

    return bless {}, $Type;
}

sub SourcePrefix { return 'CustomerCompany' }
sub KeyField     { return 'CustomerID' }
sub KeyLength    { return 150 }
sub FieldLengths { return \@FIELD_LENGTHS }
sub UniqueField  { return 'CustomerCompanyName' }
sub UniqueFields { return ('CustomerCompanyName') }
sub TakenCode    { return 'name-taken' }
sub TakenReason  { return 'Another company of the helpdesk has this name.' }

# The unique index on the name compares as the column does, without LOWER().
sub UniqueAsKey { return 0 }

sub MayShare { return 0 }

sub Normalize {
    my ( $Self, $Field, $Value ) = @_;

    return "$Value";
}

sub API {
    my ( $Self, %Param ) = @_;

    return $Kernel::OM->Get('Kernel::System::CustomerCompany');
}

sub ReadByAPI {
    my ( $Self, $Key ) = @_;

    return $Self->API()->CustomerCompanyGet( CustomerID => $Key );
}

# Creates or updates through the helpdesk's class. The row is complete: an update replaces every mapped column.
sub Write {
    my ( $Self, %Param ) = @_;

    my %Row = ( %{ $Param{Row} }, UserID => $Param{UserID} );

    return $Self->API()->CustomerCompanyAdd( %Row, Source => $Param{Source} ) if $Param{IsNew};
    return $Self->API()->CustomerCompanyUpdate( %Row, CustomerCompanyID => $Param{Key} );
}

# The helpdesk's own checks of a company are those of its database.
sub RefusalByHelpdesk {
    return;
}

sub CacheKeys {
    my ( $Self, $Key ) = @_;

    return ("CustomerCompanyGet::$Key");
}

sub CacheLists {
    return qw(_CustomerCompanyList _CustomerCompanySearchDetail);
}

1;
