# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::System::KivitendoBridge::Kind;

use strict;
use warnings;

our $ObjectManagerDisabled = 1;

# What companies and customer users have in common: where they are stored, what is stored now, and what this request
# has made of it so far (in a dry run: would have made). Company.pm and User.pm tell the differences (Is => one of them):
#   SourcePrefix   'CustomerCompany' or 'CustomerUser': name of the configuration and of the API class
#   KeyField       mapped field that identifies a record
#   FieldLengths   fields that the bridge may set => longest value
#   UniqueField    mapped field that no two records may share; TakenCode and TakenReason when they would
#
# Told, not inherited: a web server with Apache2::Reload (Debian's default) loses the methods of a parent class when it
# reads a newly installed module again, and answers with a 500 page once in each of its processes.
#
# Stored rows are read here and not with the helpdesk's classes: those read one record at a time with LOWER(key), which
# no index serves, and answer from a cache that keeps what a killed process had never committed. Table, columns and
# comparison come from the same configuration that the classes use. All writing goes through the classes.

sub new {
    my ( $Type, %Param ) = @_;

    my $Self = bless { Is => $Param{Is}, Rows => {}, Taken => {}, Alias => {} }, $Type;

    $Self->_SourceFind();

    return $Self;
}

# The first source that is a database table we may write; new records go there.
sub _SourceFind {
    my ( $Self, %Param ) = @_;

    my $ConfigObject = $Kernel::OM->Get('Kernel::Config');
    my $Prefix       = $Self->{Is}->SourcePrefix();
    my @Sources      = grep { $ConfigObject->Get($_) } map {"$Prefix$_"} ( '', 1 .. 10 );

    SOURCE:
    for my $Source (@Sources) {
        my $Backend = $Self->{Is}->API()->{$Source};
        my $Config  = $ConfigObject->Get($Source);

        next SOURCE if $Config->{ReadOnly} || $Config->{Params}->{ReadOnly};
        next SOURCE if !$Backend || !$Backend->isa("Kernel::System::${Prefix}::DB");

        my @Map = grep { $_->[5] ne 'dynamic_field' && $_->[0] ne 'UserPassword' } @{ $Config->{Map} };

        @{$Self}{qw(Source Config Backend DBObject)} = ( $Source, $Config, $Backend, $Backend->{DBObject} );
        $Self->{Table}        = $Config->{Params}->{Table};
        $Self->{IgnoreCase}   = !$Backend->{CaseSensitive};
        $Self->{Map}          = \@Map;
        $Self->{MapOf}        = { map { $_->[0] => $_ } @Map };
        $Self->{OtherSources} = @Sources > 1 ? 1 : 0;
        last SOURCE;
    }

    return 1;
}

# Why no record of this kind can be written here, as a sentence; empty when it can.
sub Problem {
    my ( $Self, %Param ) = @_;

    return '' if $Self->{Source};

    return 'No writable database source ' . $Self->{Is}->SourcePrefix() . ' is configured in this helpdesk.';
}

# Is the table in the database of the helpdesk itself, so that one transaction can hold record and mark?
sub SharesDatabase {
    my ( $Self, %Param ) = @_;

    return $Self->{Backend}->{NotParentDBObject} ? 0 : 1;
}

# Reads what is stored under these keys and unique values, with one statement for up to 500 of each.
sub Load {
    my ( $Self, %Param ) = @_;

    return 1 if $Self->Problem();

    $Self->_LoadBy( 'Key', $Self->{Is}->KeyField(), $Param{Keys} );

    for my $Field ( $Self->UniqueFields() ) {
        $Self->_LoadBy( 'Unique', $Field, $Param{UniqueValues} );
    }

    return 1;
}

sub _LoadBy {
    my ( $Self, $Role, $Field, $Values ) = @_;

    my %Seen;
    my @Values = grep { length && !$Seen{$_}++ } @{$Values};
    my @Rows   = $Self->_Fetch( $Role, $Field, @Values );

    for my $Row (@Rows) {
        $Self->Remember($Row);
    }

    # The database has found rows that are equal to a value in its own way only: ask it for which value.
    my %Wanted = map { $Self->_Fold( $Role, $_ ) => 1 } @Values;
    return 1 if !grep { !$Wanted{ $Self->_Fold( $Role, $_->{$Field} ) } } @Rows;

    for my $Value (@Values) {
        for my $Row ( $Self->_Fetch( $Role, $Field, $Value ) ) {
            my ( $From, $To ) = map { $Self->_Fold( $Role, $_ ) } ( $Value, $Row->{$Field} );
            $Self->{Alias}->{$Role}->{$From} = $To if $From ne $To;
        }
    }

    return 1;
}

sub _Fetch {
    my ( $Self, $Role, $Field, @Values ) = @_;

    my @Fields  = map { $_->[0] } @{ $Self->{Map} };
    my $Columns = join ', ', map { $_->[2] } @{ $Self->{Map} };
    my $Column  = $Self->{MapOf}->{$Field}->[2];
    my ( $Left, $Right ) = $Self->_IgnoresCase($Role) ? ( "LOWER($Column)", 'LOWER(?)' ) : ( $Column, '?' );
    my @Found;

    while ( my @Chunk = splice @Values, 0, 500 ) {
        my $Success = $Self->{DBObject}->Prepare(
            SQL => "SELECT $Columns FROM $Self->{Table} WHERE $Left IN (" . join( ', ', ($Right) x @Chunk ) . ')',
            Bind => [ map { \$_ } @Chunk ],
        );
        die "The table $Self->{Table} cannot be read.\n" if !$Success;

        while ( my @Row = $Self->{DBObject}->FetchrowArray() ) {
            my %Row;
            @Row{@Fields} = @Row;
            push @Found, \%Row;
        }
    }

    return @Found;
}

# Role is Key or Unique: the two are not compared alike.
sub _IgnoresCase {
    my ( $Self, $Role ) = @_;

    return $Role eq 'Key' || $Self->{Is}->UniqueAsKey() ? $Self->{IgnoreCase} : 0;
}

sub _Fold {
    my ( $Self, $Role, $Value ) = @_;

    my $Fold = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Product')->Fold(
        Value      => $Value,
        IgnoreCase => $Self->_IgnoresCase($Role),
    );

    return $Self->{Alias}->{$Role}->{$Fold} // $Fold;
}

# Takes a row, stored or to be stored by this request, into what is known.
sub Remember {
    my ( $Self, $Row ) = @_;

    my $Key = $Row->{ $Self->{Is}->KeyField() };
    my $Old = $Self->{Rows}->{ $Self->_Fold( 'Key', $Key ) }->{$Key};

    for my $Field ( $Self->UniqueFields() ) {
        delete $Self->{Taken}->{ $Self->_Fold( 'Unique', $Old->{$Field} ) }->{$Key} if $Old;
    }
    for my $Field ( grep { length( $Row->{$_} // '' ) } $Self->UniqueFields() ) {
        $Self->{Taken}->{ $Self->_Fold( 'Unique', $Row->{$Field} ) }->{$Key} = 1;
    }
    $Self->{Rows}->{ $Self->_Fold( 'Key', $Key ) }->{$Key} = $Row;

    return 1;
}

# The stored rows that the helpdesk takes for this key: usually none, or one whose key is the very same.
sub RowsOfKey {
    my ( $Self, $Key ) = @_;

    my $Rows = $Self->{Rows}->{ $Self->_Fold( 'Key', $Key ) } || {};

    return map { $Rows->{$_} } sort keys %{$Rows};
}

# With several sources (LDAP, a foreign database) a key may be taken in one that we do not write.
sub IsInOtherSource {
    my ( $Self, $Key ) = @_;

    return 0 if !$Self->{OtherSources};

    my %Found = $Self->{Is}->ReadByAPI($Key);

    return %Found && $Found{Source} ne $Self->{Source} ? 1 : 0;
}

# Merges the sent fields into the stored row. Returns the new row, the names of the fields that differ, and a reason
# when the values cannot be stored.
sub Merge {
    my ( $Self, %Param ) = @_;

    my $Stored = $Param{Stored} || {};
    my %New    = ( %{$Stored}, $Self->{Is}->KeyField() => $Param{Key} );
    my @Changed;

    my $Reason = $Self->_FieldsReason( $Param{Fields} );
    return ( \%New, \@Changed, $Reason ) if $Reason;

    FIELD:
    for my $Field ( $Self->FieldNames() ) {
        next FIELD if !exists $Param{Fields}->{$Field};

        my $Value = $Self->{Is}->Normalize( $Field, $Param{Fields}->{$Field} );

        # invalid-temporarily is set by humans only, and lifted by them
        next FIELD if $Field eq 'ValidID' && $Value eq '1' && ( $Stored->{ValidID} // 0 ) == 3;
        next FIELD if $Value eq ( $Stored->{$Field} // '' );

        $New{$Field} = $Value;
        push @Changed, $Field;
    }

    return ( \%New, \@Changed, '' );
}

sub FieldNames {
    my ( $Self, %Param ) = @_;

    return ( map { $_->[0] } @{ $Self->{Is}->FieldLengths() } ), 'ValidID';
}

sub _FieldsReason {
    my ( $Self, $Fields ) = @_;

    my %Known = map { $_ => 1 } $Self->FieldNames();

    for my $Field ( sort keys %{$Fields} ) {
        return "The bridge must not set the field $Field." if !$Known{$Field};
        return "This helpdesk stores no field $Field."     if !$Self->{MapOf}->{$Field};

        my $Value = $Fields->{$Field};
        return "$Field must be a string." if !defined $Value || ref $Value;
        return "$Field contains a control character." if $Value =~ m{[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]}xms;
    }

    return 'ValidID must be 1 or 2.' if exists $Fields->{ValidID} && $Fields->{ValidID} !~ m{\A[12]\z}xms;
    return '';
}

# Why the helpdesk or its database would refuse the new row, as (code, reason).
sub Refusal {
    my ( $Self, %Param ) = @_;

    my $New     = $Param{New};
    my %Changed = map { $_ => 1 } @{ $Param{Changed} };

    my $Key = $New->{ $Self->{Is}->KeyField() };
    if ( !$Param{Stored} ) {
        return ( 'invalid', 'The key has leading or trailing blanks.' )       if $Key =~ m{\A\s|\s\z}xms;
        return ( 'invalid', 'The key contains a control character.' )         if $Key =~ m{[[:cntrl:]]}xms;
        return ( 'invalid', "The key is longer than ${\$Self->{Is}->KeyLength()}." ) if length $Key > $Self->{Is}->KeyLength();
    }

    for my $Entry ( grep { $Changed{ $_->[0] } } @{ $Self->{Is}->FieldLengths() } ) {
        my ( $Field, $Length ) = @{$Entry};
        return ( 'invalid', "$Field is longer than $Length characters." ) if length $New->{$Field} > $Length;
    }

    for my $Entry ( @{ $Self->{Map} } ) {
        my ( $Field, $Required, $ReadOnly ) = @{$Entry}[ 0, 4, 7 ];
        return ( 'invalid', "$Field is required." ) if $Required && !$New->{$Field};
        return ( 'invalid', "$Field is read-only in this helpdesk." ) if $ReadOnly && $Param{Stored} && $Changed{$Field};
    }

    if ( $Changed{ $Self->{Is}->UniqueField() } && $Self->IsTaken( $Key, $New->{ $Self->{Is}->UniqueField() }, $Param{Stored} ) ) {
        return ( $Self->{Is}->TakenCode(), $Self->{Is}->TakenReason() );
    }

    return;
}

sub UniqueFields {
    my ( $Self, %Param ) = @_;

    return $Self->{Is}->UniqueFields( Config => $Self->{Config}, Map => $Self->{Map} );
}

# Does another record than this one have this value, where the helpdesk minds?
sub IsTaken {
    my ( $Self, $Key, $Value, $Stored ) = @_;

    return 0 if $Self->{Is}->MayShare( Config => $Self->{Config}, Value => $Value, Stored => $Stored );

    my $Keys = $Self->{Taken}->{ $Self->_Fold( 'Unique', $Value ) } || {};

    return scalar grep { $_ ne $Key } keys %{$Keys};
}

# Creates or updates through the helpdesk's class.
sub Write {
    my ( $Self, %Param ) = @_;

    return $Self->{Is}->Write( %Param, Source => $Self->{Source} );
}

# The caches of one key. The helpdesk's classes clear them too, but before our transaction is committed, and whatever
# another process, or an event of a write that was rolled back, has put there in between would stay for a day. A file cache that
# dies because another process removes the same files has been cleared by that process.
sub CacheForget {
    my ( $Self, $Key ) = @_;

    my $CacheObject = $Kernel::OM->Get('Kernel::System::Cache');

    for my $Entry ( $Self->{Is}->CacheKeys($Key) ) {
        eval { $CacheObject->Delete( Type => $Self->{Source}, Key => $Entry ) };
    }

    return 1;
}

sub CacheForgetLists {
    my ( $Self, %Param ) = @_;

    for my $Suffix ( $Self->{Is}->CacheLists() ) {
        eval { $Kernel::OM->Get('Kernel::System::Cache')->CleanUp( Type => "$Self->{Source}$Suffix" ) };
    }

    return 1;
}

1;
