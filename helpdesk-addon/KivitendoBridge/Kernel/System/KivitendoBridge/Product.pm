# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::System::KivitendoBridge::Product;

use strict;
use warnings;
use utf8;

use Unicode::Normalize ();

our @ObjectDependencies = (
    'Kernel::Config',
    'Kernel::System::DB',
    'Kernel::System::Log',
);

# Everything in which Znuny, OTOBO and OTRS, or the databases under them, differ for this package is in this file.

sub new {
    my ( $Type, %Param ) = @_;

    my $Self = bless {}, $Type;

    my $DBObject = $Kernel::OM->Get('Kernel::System::DB');

    $Self->{DatabaseKind} = $DBObject->GetDatabaseFunction('Type') || 'unknown';
    $Self->{IsNarrow}     = $DBObject->{Backend} && $DBObject->{Backend}->can('_FixMysqlUTF8') ? 1 : 0;

    return $Self;
}

# One word for the product, whatever its RELEASE file says ("((OTRS)) Community Edition").
sub Name {
    my ( $Self, %Param ) = @_;

    my $Product = $Kernel::OM->Get('Kernel::Config')->Get('Product') // '';
    for my $Known (qw(Znuny OTOBO OTRS)) {
        return $Known if $Product =~ m{\Q$Known\E}i;
    }

    return $Product;
}

sub Version {
    my ( $Self, %Param ) = @_;

    return $Kernel::OM->Get('Kernel::Config')->Get('Version') // '';
}

# The zone of every time stamp in the database and in the Generic Interface.
sub TimeZone {
    my ( $Self, %Param ) = @_;

    my $ConfigObject = $Kernel::OM->Get('Kernel::Config');

    return $ConfigObject->Get('OTOBOTimeZone') || $ConfigObject->Get('OTRSTimeZone') || 'UTC';
}

sub DatabaseKind {
    my ( $Self, %Param ) = @_;

    return $Self->{DatabaseKind};
}

# All rows of a statement; nothing when it fails.
sub Rows {
    my ( $Self, $SQL, @Bind ) = @_;

    my @Rows;

    return $Self->EachRow( sub { push @Rows, [ @{ $_[0] } ] }, $SQL, @Bind ) ? \@Rows : undef;
}

# Calls with each row of a statement, which is a list of values that holds only until the next one; nothing when it fails.
# The helpdesk's class hands out copies, one row a call, which for many rows takes longer than fetching them, and is needed
# only where the driver gives bytes instead of characters.
sub EachRow {
    my ( $Self, $Code, $SQL, @Bind ) = @_;

    my $DBObject = $Kernel::OM->Get('Kernel::System::DB');

    if ( $Self->{DatabaseKind} ne 'postgresql' ) {
        $DBObject->Prepare( SQL => $SQL, Bind => [ map { \$_ } @Bind ] ) || return;
        while ( my @Row = $DBObject->FetchrowArray() ) {
            $Code->( \@Row );
        }
        return 1;
    }

    my $DatabaseHandle = $DBObject->Connect() || return;
    my $Statement      = $DatabaseHandle->prepare($SQL);
    if ( $Statement && $Statement->execute(@Bind) ) {
        while ( my $Row = $Statement->fetchrow_arrayref() ) {
            $Code->($Row);
        }
        return 1 if !$Statement->err();
    }

    $Kernel::OM->Get('Kernel::System::Log')->Log(
        Priority => 'error',
        Message  => $DatabaseHandle->errstr() . ", SQL: '$SQL'",
    );
    return;
}

# Two values that the database of the helpdesk takes for the same one have the same fold. With IgnoreCase the statement
# compares LOWER(column) with LOWER(value), as the customer classes do. The usual collations of MySQL and MariaDB ignore
# case, accents, trailing blanks, and which of the characters beyond the first plane it is.
sub Fold {
    my ( $Self, %Param ) = @_;

    my $Value = $Param{Value} // '';

    if ( $Self->{DatabaseKind} eq 'mysql' ) {
        $Value = Unicode::Normalize::NFKD($Value);
        $Value =~ s{\p{Mn}+}{}xmsg;
        $Value =~ s{[\x{10000}-\x{10FFFF}]}{\x{FFFD}}xmsg;
        $Value =~ s{[ ]+\z}{}xms;
        return CORE::fc($Value);
    }

    return $Param{IgnoreCase} ? lc $Value : $Value;
}

# Returns a function that tells for a stored value which of the asked ones it stands for: the very same, or the one that
# the database takes for it.
sub AskedBy {
    my ( $Self, @Asked ) = @_;

    my %IsAsked = map { $_ => 1 } @Asked;
    my %ByFold  = map { $Self->Fold( Value => $_ ) => $_ } @Asked;

    return sub {
        my ($Stored) = @_;
        return $IsAsked{$Stored} ? $Stored : $ByFold{ $Self->Fold( Value => $Stored ) } // $Stored;
    };
}

# OTRS 6 and Znuny 6 write at most three bytes a character to MySQL and MariaDB: what is beyond the first plane (emoji)
# becomes the replacement character.
sub StoredAs {
    my ( $Self, $Value ) = @_;

    $Value =~ s{[\x{10000}-\x{10FFFF}]}{\x{FFFD}}xmsg if $Self->{IsNarrow};

    return $Value;
}

# OTOBO can give a text field several values at once.
sub IsMultiValue {
    my ( $Self, $DynamicField ) = @_;

    return ref $DynamicField->{Config} eq 'HASH' && $DynamicField->{Config}->{MultiValue} ? 1 : 0;
}

# The log object remembers the last error of the process; forgotten before a write, what is there afterwards belongs to it.
sub LastErrorForget {
    my ( $Self, %Param ) = @_;

    delete $Kernel::OM->Get('Kernel::System::Log')->{error};

    return 1;
}

# The helpdesk's reason for the last failure as one sentence: no statement, no further lines, at most 200 characters.
sub LastError {
    my ( $Self, %Param ) = @_;

    my $Message = $Kernel::OM->Get('Kernel::System::Log')->GetLogEntry(
        Type => 'error',
        What => 'Message',
    );

    return $Self->Sentence( $Message || $Param{Otherwise} || 'The helpdesk gave no reason; its log may tell more.' );
}

sub Sentence {
    my ( $Self, $Message ) = @_;

    $Message =~ s{,[ ]SQL:.*}{}xms;
    $Message =~ s{\s+at[ ]\S+[ ]line[ ]\d+.*}{}xms;
    $Message =~ s{\n.*}{}xms;
    $Message =~ s{\A(?:ERROR|DBD::\S+[ ]\S+[ ]failed):\s*}{}xms;
    $Message =~ s{\s+}{ }xmsg;
    $Message =~ s{\A[ ]|[ ]\z}{}xmsg;

    return length $Message > 200 ? substr( $Message, 0, 199 ) . '…' : $Message;
}

1;
