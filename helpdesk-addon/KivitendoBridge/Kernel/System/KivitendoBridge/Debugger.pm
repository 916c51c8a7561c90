# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::System::KivitendoBridge::Debugger;

use strict;
use warnings;

our $ObjectManagerDisabled = 1;

# The web service prints each answer for its debug log before it looks whether anybody wants that log: for a page of
# tickets this takes twice as long as all the rest. Where the log is off, the answer is not printed. Everything else is the
# helpdesk's own; called, not inherited, for the reason told in Kind.pm.

my $ORIGINAL = 'Kernel::GenericInterface::Debugger';

# Makes the debugger of this one call quiet, unless its log is wanted.
sub Quieten {
    my ( $Type, $DebuggerObject ) = @_;

    return if ref $DebuggerObject ne $ORIGINAL;
    return if $DebuggerObject->{TestMode} || ( $DebuggerObject->{DebugThreshold} || 'debug' ) !~ m{\A(?:info|notice|error)}xmsi;

    bless $DebuggerObject, $Type;
    return 1;
}

sub Debug {
    return 1;
}

sub DebugLog {
    my ( $Self, %Param ) = @_;

    return 1 if ( $Param{DebugLevel} || '' ) eq 'debug';
    return Kernel::GenericInterface::Debugger::DebugLog( $Self, %Param );
}

sub Info {
    my ( $Self, %Param ) = @_;

    return Kernel::GenericInterface::Debugger::Info( $Self, %Param );
}

sub Notice {
    my ( $Self, %Param ) = @_;

    return Kernel::GenericInterface::Debugger::Notice( $Self, %Param );
}

sub Error {
    my ( $Self, %Param ) = @_;

    return Kernel::GenericInterface::Debugger::Error( $Self, %Param );
}

1;
