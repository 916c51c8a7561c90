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

    my $Column = $Self->{MapOf}->{$Field}->[2];
    my ( $Left, $Right ) = $Self->_IgnoresCase($Role) ? ( "LOWER($Column)", 'LOWER(?)' ) : ( $Column, '?' );
    my @Found;

    while ( my @Chunk = splice @Values, 0, 500 ) {
        push @Found, $Self->_Rows(
            SQL  => $Self->_SelectAll() . " WHERE $Left IN (" . join( ', ', ($Right) x @Chunk ) . ')',
            Bind => [ map { \$_ } @Chunk ],
        );
    }

    return @Found;
}

sub _SelectAll {
    my ( $Self, %Param ) = @_;

    return 'SELECT ' . join( ', ', map { $_->[2] } @{ $Self->{Map} } ) . " FROM $Self->{Table}";
}

sub _Rows {
    my ( $Self, %Param ) = @_;

    my @Fields = map { $_->[0] } @{ $Self->{Map} };
    $Self->{DBObject}->Prepare(%Param) || die "The table $Self->{Table} cannot be read.\n";

    my @Rows;
    while ( my @Row = $Self->{DBObject}->FetchrowArray() ) {
        my %Row;
        @Row{@Fields} = @Row;
        push @Rows, \%Row;
    }

    return @Rows;
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

# Takes a row out of what is known: its key has changed.
sub Forget {
    my ( $Self, $Key ) = @_;

    my $Row = delete $Self->{Rows}->{ $Self->_Fold( 'Key', $Key ) }->{$Key} || return 1;

    for my $Field ( $Self->UniqueFields() ) {
        delete $Self->{Taken}->{ $Self->_Fold( 'Unique', $Row->{$Field} ) }->{$Key};
    }

    return 1;
}

# All rows that are known.
sub Known {
    my ( $Self, %Param ) = @_;

    return map { values %{$_} } values %{ $Self->{Rows} };
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

# The stored rows with this value in this field, complete, as the helpdesk compares it. Neither remembered nor cached.
sub RowsWith {
    my ( $Self, $Field, $Value ) = @_;

    return $Self->_Fetch( 'Key', $Field, $Value );
}

# The stored rows under these keys.
sub RowsOfKeys {
    my ( $Self, @Keys ) = @_;

    my $KeyField = $Self->{Is}->KeyField();
    my ( %Asked, %Found );

    # two spellings of one key may find a row twice
    return grep { !$Found{ $_->{$KeyField} }++ } $Self->_Fetch( 'Key', $KeyField, grep { length && !$Asked{$_}++ } @Keys );
}

# The next rows after a key, in the order of the database; the empty key begins.
sub RowsAfter {
    my ( $Self, $After, $Limit ) = @_;

    my $Column = $Self->{MapOf}->{ $Self->{Is}->KeyField() }->[2];
    my $Where  = $After eq '' ? '' : " WHERE $Column > ?";

    return $Self->_Rows(
        SQL   => $Self->_SelectAll() . "$Where ORDER BY $Column",
        Bind  => [ $After eq '' ? () : \$After ],
        Limit => $Limit,
    );
}

# Writes one column where the helpdesk's class refuses the row. For values that the bridge knows to be right only.
sub Set {
    my ( $Self, $Key, $Field, $Value ) = @_;

    my ( $Column, $KeyColumn ) = map { $Self->{MapOf}->{$_}->[2] } ( $Field, $Self->{Is}->KeyField() );

    return $Self->{DBObject}->Do(
        SQL  => "UPDATE $Self->{Table} SET $Column = ? WHERE $KeyColumn = ?",
        Bind => [ \$Value, \$Key ],
    );
}

# Merges the sent fields into the stored row. Returns the new row, the names of the fields that differ, and a reason
# when the values cannot be stored.
#   Key, Fields, Modes, Stored, IsTaking => is the record created or adopted by this call?
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

        my $Value = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Product')
            ->StoredAs( $Self->{Is}->Normalize( $Field, $Param{Fields}->{$Field} ) );
        my $Old   = $Stored->{$Field} // '';

        # invalid-temporarily is set by humans only, and lifted by them
        next FIELD if $Field eq 'ValidID' && $Value eq '1' && $Old eq '3';
        next FIELD if !TakesValue( $Param{Modes}->{$Field}, $Old, $Param{IsTaking} );

        # a column of numbers has 0 or NULL for nothing
        my $IsNumber = $Self->_IsNumber($Field);
        next FIELD if $IsNumber ? ( $Value || 0 ) == ( $Old || 0 ) : $Value eq $Old;

        $New{$Field} = $IsNumber && $Value eq '' ? undef : $Value;
        push @Changed, $Field;
    }

    return ( \%New, \@Changed, '' );
}

# Does the mode of a field let it take a value?
sub TakesValue {
    my ( $Mode, $Old, $IsTaking ) = @_;

    return $IsTaking ? 1 : 0         if ( $Mode // '' ) eq 'create-only';
    return length $Old ? 0 : 1       if ( $Mode // '' ) eq 'fill-if-empty';
    return 1;
}

sub _IsNumber {
    my ( $Self, $Field ) = @_;

    return $Self->{MapOf}->{$Field}->[5] =~ m{\Aint\z}xmsi ? 1 : 0;
}

# The helpdesk's own fields, then those that the site has added to the map.
sub FieldNames {
    my ( $Self, %Param ) = @_;

    my @Own = ( ( map { $_->[0] } @{ $Self->{Is}->FieldLengths() } ), 'ValidID' );
    my %IsKnown = map { $_ => 1 } @Own, $Self->{Is}->KeyField();

    return @Own, grep { !$IsKnown{$_} } map { $_->[0] } @{ $Self->{Map} };
}

# Every mapped field, key included.
sub MappedFields {
    my ( $Self, %Param ) = @_;

    return map { $_->[0] } @{ $Self->{Map} || [] };
}

sub _FieldsReason {
    my ( $Self, $Fields ) = @_;

    my %Known = map { $_ => 1 } $Self->FieldNames();

    for my $Field ( sort keys %{$Fields} ) {
        return "The bridge must not set the field $Field."
            if $Field eq $Self->{Is}->KeyField() || $Field eq 'UserPassword';
        return "This helpdesk stores no field $Field." if !$Known{$Field} || !$Self->{MapOf}->{$Field};

        my $Value = $Fields->{$Field};
        return "$Field must be a string." if !defined $Value || ref $Value;
        return "$Field contains a control character." if $Value =~ m{[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]}xms;
        return "$Field must be a number." if $Self->_IsNumber($Field) && $Value !~ m{\A(?:-?[0-9]{1,9})?\z}xms;
    }

    return 'ValidID must be 1 or 2.' if exists $Fields->{ValidID} && $Fields->{ValidID} !~ m{\A[12]\z}xms;
    return '';
}

# Why the helpdesk or its database would refuse the new row, as (code, reason, key of the record that is in the way).
#   New, Changed, Stored, OldKey => its key so far, if it has another one
sub Refusal {
    my ( $Self, %Param ) = @_;

    my $New     = $Param{New};
    my %Changed = map { $_ => 1 } @{ $Param{Changed} };

    my $Key      = $New->{ $Self->{Is}->KeyField() };
    my $IsNewKey = !$Param{Stored} || defined $Param{OldKey};
    if ($IsNewKey) {
        return ( 'invalid', 'The key contains a character that the database of this helpdesk cannot hold.' )
            if $Key ne $Kernel::OM->Get('Kernel::System::KivitendoBridge::Product')->StoredAs($Key);
        return ( 'invalid', 'The key has leading or trailing blanks.' )       if $Key =~ m{\A\s|\s\z}xms;
        return ( 'invalid', 'The key contains a control character.' )         if $Key =~ m{[[:cntrl:]]}xms;
        return ( 'invalid', "The key is longer than ${\$Self->{Is}->KeyLength()}." ) if length $Key > $Self->{Is}->KeyLength();
    }
    if ( defined $Param{OldKey} ) {
        my ($Other) = grep { $_ ne $Param{OldKey} } map { $_->{ $Self->{Is}->KeyField() } } $Self->RowsOfKey($Key);
        return ( 'key-taken', "Another record has the key '$Other'.", $Other ) if defined $Other;
        return ( 'key-taken', 'A record with this key exists in another source of the helpdesk.' ) if $Self->IsInOtherSource($Key);
    }

    for my $Entry ( grep { $Changed{ $_->[0] } } @{ $Self->{Is}->FieldLengths() } ) {
        my ( $Field, $Length ) = @{$Entry};
        return ( 'invalid', "$Field is longer than $Length characters." ) if length $New->{$Field} > $Length;
    }

    for my $Entry ( @{ $Self->{Map} } ) {
        my ( $Field, $Required, $ReadOnly ) = @{$Entry}[ 0, 4, 7 ];
        return ( 'invalid', "$Field is required." ) if $Required && !$New->{$Field};
        return ( 'invalid', "$Field is read-only in this helpdesk." )
            if $ReadOnly && $Param{Stored} && ( $Changed{$Field} || $IsNewKey && $Field eq $Self->{Is}->KeyField() );
    }

    if ( $Changed{ $Self->{Is}->UniqueField() } ) {
        my $Other = $Self->Rival( $Param{OldKey} // $Key, $New->{ $Self->{Is}->UniqueField() }, $Param{Stored} );
        return ( $Self->{Is}->TakenCode(), $Self->{Is}->TakenReason(), $Other ) if defined $Other;
    }

    return;
}

sub UniqueFields {
    my ( $Self, %Param ) = @_;

    return $Self->{Is}->UniqueFields( Config => $Self->{Config}, Map => $Self->{Map} );
}

# The key of another record than this one that has this value, where the helpdesk minds.
sub Rival {
    my ( $Self, $Key, $Value, $Stored ) = @_;

    return if $Self->{Is}->MayShare( Config => $Self->{Config}, Value => $Value, Stored => $Stored );

    my $Keys = $Self->{Taken}->{ $Self->_Fold( 'Unique', $Value ) } || {};

    my ($Other) = sort grep { $_ ne $Key } keys %{$Keys};
    return $Other;
}

# Creates or updates through the helpdesk's class.
#   Row, Key => under which it stands so far, IsNew, UserID
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
