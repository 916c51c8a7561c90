# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::System::KivitendoBridge;

use strict;
use warnings;

our $ObjectManagerDisabled = 1;

# The one place of the version: the build writes it into the package.
our $VERSION = '0.3.0';

# What bridge and add-on say to each other; raised only when an older bridge would misunderstand an answer.
our $PROTOCOL = 3;

our $GROUP       = 'kivitendo_bridge';
our $MAX_RECORDS = 1000;
our $MAX_TICKETS = 5000;

1;
