# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::System::KivitendoBridge::Identity;

use strict;
use warnings;

our @ObjectDependencies = (
    'Kernel::System::Cache',
    'Kernel::System::DB',
    'Kernel::System::Main',
    'Kernel::System::SystemData',
);

# Which helpdesk this is, and how far each instance of the bridge has come. Both are read from the database itself:
# the cache of SystemData outlives a restored database by weeks, and noticing a restored database is what they are for.

sub new {
    my ( $Type, %Param ) = @_;

    return bless {}, $Type;
}

# 32 hex digits, made at the first call and kept.
sub HelpdeskId {
    my ( $Self, %Param ) = @_;

    my $Key   = 'KivitendoBridge::HelpdeskId';
    my $Found = $Self->_Read($Key);
    return $Found if $Found;

    my $Made = $Kernel::OM->Get('Kernel::System::Main')->GenerateRandomString(
        Length     => 32,
        Dictionary => [ 0 .. 9, 'a' .. 'f' ],
    );
    $Self->_Write( Key => $Key, Value => $Made, UserID => $Param{UserID}, IsNew => 1 );

    # Another process may have been first: what is stored counts.
    return $Self->_Read($Key);
}

# The highest sequence number that a writing call of this instance has brought; 0 when there was none.
sub Sequence {
    my ( $Self, %Param ) = @_;

    return 0 if !defined $Param{Instance};

    return ( $Self->_Read("KivitendoBridge::Sequence::$Param{Instance}") || 0 ) + 0;
}

sub SequenceRaise {
    my ( $Self, %Param ) = @_;

    my $Key = "KivitendoBridge::Sequence::$Param{Instance}";

    # Two attempts: the first call of an instance may find that a parallel one has just made the entry.
    for ( 1 .. 2 ) {
        my $Stored = $Self->_Read($Key);
        return 1 if defined $Stored && $Stored >= $Param{Sequence};

        $Self->_Write( Key => $Key, Value => $Param{Sequence}, UserID => $Param{UserID}, IsNew => !defined $Stored );
    }

    return 1;
}

sub _Read {
    my ( $Self, $Key ) = @_;

    my $DBObject = $Kernel::OM->Get('Kernel::System::DB');

    my $Success = $DBObject->Prepare(
        SQL   => 'SELECT data_value FROM system_data WHERE data_key = ?',
        Bind  => [ \$Key ],
        Limit => 1,
    );
    die "system_data cannot be read\n" if !$Success;

    my $Value;
    while ( my @Row = $DBObject->FetchrowArray() ) {
        $Value = $Row[0];
    }

    return $Value;
}

sub _Write {
    my ( $Self, %Param ) = @_;

    $Kernel::OM->Get('Kernel::System::Cache')->Delete(
        Type => 'SystemData',
        Key  => "SystemDataGet::$Param{Key}",
    );

    my $Method = $Param{IsNew} ? 'SystemDataAdd' : 'SystemDataUpdate';

    return $Kernel::OM->Get('Kernel::System::SystemData')->$Method(
        Key    => $Param{Key},
        Value  => $Param{Value},
        UserID => $Param{UserID},
    );
}

1;
