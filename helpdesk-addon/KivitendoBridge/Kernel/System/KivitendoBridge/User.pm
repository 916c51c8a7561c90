# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::System::KivitendoBridge::User;

use strict;
use warnings;

our @ObjectDependencies = (
    'Kernel::System::CheckItem',
    'Kernel::System::CustomerUser',
    'Kernel::System::Valid',
);

my @FIELD_LENGTHS = (
    [ UserCustomerID => 150 ],
    [ UserTitle      => 50 ],
    [ UserFirstname  => 100 ],
    [ UserLastname   => 100 ],
    [ UserEmail      => 150 ],
    [ UserPhone      => 150 ],
    [ UserFax        => 150 ],
    [ UserMobile     => 150 ],
    [ UserStreet     => 150 ],
    [ UserZip        => 200 ],
    [ UserCity       => 200 ],
    [ UserCountry    => 200 ],
    [ UserComment    => 250 ],
);

sub new {
    my ( $Type, %Param ) = @_;

    return bless {}, $Type;
}

sub SourcePrefix { return 'CustomerUser' }
sub KeyField     { return 'UserLogin' }
sub KeyLength    { return 191 }
sub FieldLengths { return \@FIELD_LENGTHS }
sub UniqueField  { return 'UserEmail' }
sub TakenCode    { return 'email-taken' }
sub TakenReason  { return 'Another customer user of the helpdesk has this email address.' }

# The helpdesk looks for an address in every column in which it would look up the sender of an incoming mail.
sub UniqueFields {
    my ( $Self, %Param ) = @_;

    my %Column = map { $_ => 1 } @{ $Param{Config}->{CustomerUserPostMasterSearchFields} || [] };

    return 'UserEmail', grep { $_ ne 'UserEmail' } map { $_->[0] } grep { $Column{ $_->[2] } } @{ $Param{Map} };
}

# The comparison is that of the key: LOWER() unless the source is configured as case-sensitive.
sub UniqueAsKey { return 1 }

# The check can be switched off; and an address that is not changed is not checked.
sub MayShare {
    my ( $Self, %Param ) = @_;

    return 1 if !$Param{Config}->{CustomerUserEmailUniqCheck};
    return $Param{Stored} && lc $Param{Value} eq lc( $Param{Stored}->{UserEmail} // '' ) ? 1 : 0;
}

# The class stores 0 as an empty string.
sub Normalize {
    my ( $Self, $Field, $Value ) = @_;

    return $Value ? "$Value" : '';
}

sub API {
    my ( $Self, %Param ) = @_;

    return $Kernel::OM->Get('Kernel::System::CustomerUser');
}

sub ReadByAPI {
    my ( $Self, $Key ) = @_;

    return $Self->API()->CustomerUserDataGet( User => $Key );
}

# Creates or updates through the helpdesk's class. The row has no password, so the stored one stays.
sub Write {
    my ( $Self, %Param ) = @_;

    my %Row = ( %{ $Param{Row} }, UserID => $Param{UserID} );

    return $Self->API()->CustomerUserAdd( %Row, Source => $Param{Source} ) if $Param{IsNew};
    return $Self->API()->CustomerUserUpdate( %Row, ID => $Param{Key} );
}

# The check of the address may ask the name server for seconds, and the class does it in each write; so a writing call
# asks here only to explain a failure, a dry run before it says yes.
sub RefusalByHelpdesk {
    my ( $Self, %Param ) = @_;

    my $CheckItemObject = $Kernel::OM->Get('Kernel::System::CheckItem');
    my $ValidID         = $Param{New}->{ValidID};

    return if !grep { $_ eq $ValidID } $Kernel::OM->Get('Kernel::System::Valid')->ValidIDsGet();
    return if $CheckItemObject->CheckEmail( Address => $Param{New}->{UserEmail} );

    my $Error = $CheckItemObject->CheckError();
    return ( 'invalid', "Email address ($Param{New}->{UserEmail}) not valid ($Error)!" );
}

sub CacheKeys {
    my ( $Self, $Key ) = @_;

    return ( "CustomerUserDataGet::$Key", "CustomerName::$Key", "CustomerIDs::$Key" );
}

sub CacheLists {
    return qw(_CustomerIDList _CustomerSearch _CustomerSearchDetail _CustomerSearchDetailDynamicFields);
}

1;
