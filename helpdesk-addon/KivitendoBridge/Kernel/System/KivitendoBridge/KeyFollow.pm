# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::System::KivitendoBridge::KeyFollow;

use strict;
use warnings;

our @ObjectDependencies = (
    'Kernel::System::KivitendoBridge::Members',
    'Kernel::System::KivitendoBridge::Owner',
    'Kernel::System::Log',
);

# Event module of CustomerCompanyUpdate and CustomerUserUpdate: when somebody else renames a record, its owner mark and the
# additional companies that the bridge has added follow. Without it a renamed record would be a stranger.

# True while an upsert writes: it moves the mark itself, as the last thing in its transaction.
our $IsUpsert = 0;

my %KIND = (
    CustomerCompanyUpdate => [ Company => 'CustomerID' ],
    CustomerUserUpdate    => [ User    => 'UserLogin' ],
);

sub new {
    my ( $Type, %Param ) = @_;

    return bless {}, $Type;
}

sub Run {
    my ( $Self, %Param ) = @_;

    return 1 if $IsUpsert || !$KIND{ $Param{Event} // '' };

    my ( $Kind, $KeyField ) = @{ $KIND{ $Param{Event} } };
    my $Old = $Param{Data}->{OldData}->{$KeyField} // '';
    my $New = $Param{Data}->{NewData}->{$KeyField} // '';
    return 1 if $Old eq '' || $New eq '' || $Old eq $New;

    my $OwnerObject   = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Owner');
    my $MembersObject = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Members');

    my $Success = eval {
        my %Move = ( Kind => $Kind, Old => $Old, New => $New, UserID => $Param{UserID} );

        # before the bridge's first call nothing is marked, and no table is there
        !$OwnerObject->TableExists()
            || $OwnerObject->Rename(%Move)
            && ( !$MembersObject->TableExists() || $MembersObject->Follow( %Move, OnlyOurs => 1 ) );
    };
    return 1 if $Success;

    $Kernel::OM->Get('Kernel::System::Log')->Log(
        Priority => 'error',
        Message  => "KivitendoBridge: the owner mark of $Kind '$Old' does not follow to '$New': $@",
    );
    return;
}

1;
