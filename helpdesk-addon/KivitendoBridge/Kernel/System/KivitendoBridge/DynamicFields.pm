# --
# KivitendoBridge: the part of kivitendo-otrs-bridge that lives in the helpdesk
# SPDX-License-Identifier: GPL-3.0-or-later
# --

package Kernel::System::KivitendoBridge::DynamicFields;

use strict;
use warnings;

our @ObjectDependencies = (
    'Kernel::System::Cache',
    'Kernel::System::DB',
    'Kernel::System::DynamicField',
    'Kernel::System::DynamicField::Backend',
    'Kernel::System::KivitendoBridge::Product',
);

# Values of the dynamic fields of companies and customer users, and, for reading only, of tickets. They are read with one
# statement for many records; all writing goes through the helpdesk's classes. ObjectType is CustomerCompany or CustomerUser,
# and in Fields() also Ticket.

# The column that holds the value; a type that is not here takes lists, or something that is no value.
my %COLUMN = (
    Checkbox => 'Int',
    Date     => 'Date',
    DateTime => 'Date',
    Dropdown => 'Text',
    Text     => 'Text',
    TextArea => 'Text',
);

my %PATTERN = (
    Checkbox => qr{\A[01]\z}xms,
    Date     => qr{\A\d{4}-\d{2}-\d{2}\z}xms,
    DateTime => qr{\A\d{4}-\d{2}-\d{2}[ ]\d{2}:\d{2}:\d{2}\z}xms,
);

my $LONGEST = 3800;

sub new {
    my ( $Type, %Param ) = @_;

    return bless {}, $Type;
}

# The valid fields of an object type: ( name => configuration ).
sub Fields {
    my ( $Self, %Param ) = @_;

    my $List = $Kernel::OM->Get('Kernel::System::DynamicField')->DynamicFieldListGet(
        ObjectType => $Param{ObjectType},
        Valid      => 1,
    ) || [];

    return map { $_->{Name} => $_ } @{$List};
}

# What is stored for these keys: ( key => { name => string } ); a key without any is left out.
sub Stored {
    my ( $Self, %Param ) = @_;

    my %Fields  = $Self->Fields( ObjectType => $Param{ObjectType} );
    my @Keys    = %Fields ? @{ $Param{Keys} } : ();
    my $KeyOf   = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Product')->AskedBy(@Keys);
    my %Stored;

    while ( my @Chunk = splice @Keys, 0, 500 ) {
        my %KeyOfID = map { $_->[0] => $KeyOf->( $_->[1] ) } _Select(
            'SELECT object_id, object_name FROM dynamic_field_obj_id_name WHERE object_type = ? AND object_name IN', [ $Param{ObjectType} ], @Chunk,
        );

        # two statements: a join of the two makes PostgreSQL read all values of all tickets
        my %ValuesOf = _Values( [ values %Fields ], keys %KeyOfID );
        $Stored{ $KeyOfID{$_} } = $ValuesOf{$_} for keys %ValuesOf;
    }

    return %Stored;
}

# The valid fields among Names as these tickets have them: ( ticket id => { name => string } ).
sub OfTickets {
    my ( $Self, %Param ) = @_;

    return if !@{ $Param{Names} };

    my %Fields = $Self->Fields( ObjectType => 'Ticket' );
    my @Wanted = grep {defined} map { $Fields{$_} } @{ $Param{Names} };
    my @IDs    = @{ $Param{TicketIDs} };
    my %ValuesOf;

    while ( my @Chunk = splice @IDs, 0, 500 ) {
        %ValuesOf = ( %ValuesOf, _Values( \@Wanted, @Chunk ) );
    }

    return %ValuesOf;
}

# What is stored in these fields for these ids of objects: ( id => { name => string } ); several values are joined.
sub _Values {
    my ( $Fields, @ObjectIDs ) = @_;

    my %FieldOf = map { $_->{ID} => $_ } @{$Fields};
    my %ValuesOf;

    for my $Row ( _Select( 'SELECT object_id, id, field_id, value_text, value_date, value_int FROM dynamic_field_value WHERE object_id IN', [], @ObjectIDs ) ) {
        my ( $ObjectID, undef, $FieldID, @Columns ) = @{$Row};

        # customers, tickets and articles have ids of their own in the same table
        my $Field = $FieldOf{$FieldID};
        my $Value = $Field ? _Value( $Field, @Columns ) : '';
        next if !length $Value;

        my $Values = $ValuesOf{$ObjectID} ||= {};
        $Values->{ $Field->{Name} } = defined $Values->{ $Field->{Name} } ? "$Values->{ $Field->{Name} }, $Value" : $Value;
    }

    return %ValuesOf;
}

sub _Select {
    my ( $SQL, $Bind, @Values ) = @_;

    return if !@Values;

    my $DBObject = $Kernel::OM->Get('Kernel::System::DB');
    $DBObject->Prepare(
        SQL => "$SQL (" . join( ', ', ('?') x @Values ) . ') ORDER BY 1, 2',
        Bind => [ map { \$_ } @{$Bind}, @Values ],
    ) || die "The dynamic fields cannot be read.\n";

    my @Rows;
    while ( my @Row = $DBObject->FetchrowArray() ) {
        push @Rows, [@Row];
    }

    return @Rows;
}

sub _Value {
    my ( $Field, $Text, $Date, $Int ) = @_;

    my $Column = $COLUMN{ $Field->{FieldType} } || '';

    return $Int // '' if $Column eq 'Int';
    return substr( $Date // '', 0, $Field->{FieldType} eq 'Date' ? 10 : 19 ) if $Column eq 'Date';
    return $Text // $Int // $Date // '';
}

# Why these values cannot be stored, as a sentence; empty when they can.
sub Problem {
    my ( $Self, %Param ) = @_;

    my %Fields = $Self->Fields( ObjectType => $Param{ObjectType} );

    for my $Name ( sort keys %{ $Param{Values} } ) {
        my $Value = $Param{Values}->{$Name};

        return "This helpdesk has no valid dynamic field $Name." if !$Fields{$Name};
        return "DynamicField_$Name must be a string."            if !defined $Value || ref $Value;

        my $Reason = length $Value ? $Self->_ValueReason( $Fields{$Name}, $Value, $Param{UserID} ) : '';
        return "DynamicField_$Name $Reason" if $Reason;
    }

    return '';
}

sub _ValueReason {
    my ( $Self, $Field, $Value, $UserID ) = @_;

    my $ProductObject = $Kernel::OM->Get('Kernel::System::KivitendoBridge::Product');
    my $FieldType     = $Field->{FieldType};
    my $Config        = ref $Field->{Config} eq 'HASH' ? $Field->{Config} : {};

    return "is of the type $FieldType, which takes more than a string." if !$COLUMN{$FieldType} || $ProductObject->IsMultiValue($Field);
    return "is longer than $LONGEST characters."   if length $Value > $LONGEST;
    return 'contains a control character.'         if $Value =~ m{[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]}xms;
    return "takes no such value as '$Value'."      if $PATTERN{$FieldType} && $Value !~ $PATTERN{$FieldType};
    return "has no '$Value' in its list."          if $FieldType eq 'Dropdown' && !exists $Config->{PossibleValues}->{$Value};

    $ProductObject->LastErrorForget();
    my $IsValid = $Kernel::OM->Get('Kernel::System::DynamicField::Backend')->ValueValidate(
        DynamicFieldConfig => $Field,
        Value              => $Value,
        UserID             => $UserID,
    );
    return $IsValid ? '' : 'is refused: ' . $ProductObject->LastError();
}

# Writes values through the helpdesk's class; an empty one is removed. Part of the caller's transaction.
#   ObjectType, Key, UserID, Values => { name => string }
sub Write {
    my ( $Self, %Param ) = @_;

    my $BackendObject = $Kernel::OM->Get('Kernel::System::DynamicField::Backend');
    my %Fields        = $Self->Fields( ObjectType => $Param{ObjectType} );
    my $ObjectID      = $Self->_ObjectID(%Param);

    # the class leaves out the writing of what its cache holds already
    $Self->CacheForget(%Param);
    $Self->_Respell(%Param) || return 0 if $ObjectID;

    for my $Name ( sort keys %{ $Param{Values} } ) {
        my %Common = ( DynamicFieldConfig => $Fields{$Name}, UserID => $Param{UserID} );
        my $Value  = $Param{Values}->{$Name};

        my $Success = length $Value
            ? $BackendObject->ValueSet( %Common, ObjectName => $Param{Key}, Value => $Value )
            : !$ObjectID || $BackendObject->ValueDelete( %Common, ObjectID => $ObjectID );
        return 0 if !$Success;
    }

    return 1;
}

sub _ObjectID {
    my ( $Self, %Param ) = @_;

    my ($ObjectID) = $Self->_Object(%Param);

    return $ObjectID;
}

# Id and name under which the dynamic fields of this key are stored; nothing when there are none.
sub _Object {
    my ( $Self, %Param ) = @_;

    my $DBObject = $Kernel::OM->Get('Kernel::System::DB');
    $DBObject->Prepare(
        SQL  => 'SELECT object_id, object_name FROM dynamic_field_obj_id_name WHERE object_type = ? AND object_name = ?',
        Bind => [ \@Param{qw(ObjectType Key)} ],
    ) || die "The dynamic fields cannot be read.\n";

    my @Object;
    while ( my @Row = $DBObject->FetchrowArray() ) {
        @Object = @Row;
    }

    return @Object;
}

# MySQL and MariaDB have no room for two spellings of one key, but the class looks for the very key: what it does not
# find it tries to add, which fails for ever.
sub _Respell {
    my ( $Self, %Param ) = @_;

    my ( undef, $Name ) = $Self->_Object(%Param);

    return 1 if $Name eq $Param{Key};
    return $Self->Follow( %Param, Old => $Name, New => $Param{Key} );
}

# Before a record is renamed: what somebody has left under the new name, who is there no more, would stop the move.
sub MakeRoom {
    my ( $Self, %Param ) = @_;

    my $DBObject = $Kernel::OM->Get('Kernel::System::DB');
    my $ObjectID = $Self->_ObjectID( ObjectType => $Param{ObjectType}, Key => $Param{New} ) || return 1;

    # MySQL and MariaDB find the record itself, when only the spelling of its key is to differ
    return 1 if $ObjectID == ( $Self->_ObjectID( ObjectType => $Param{ObjectType}, Key => $Param{Old} ) // 0 );

    return $DBObject->Do(
        SQL => 'DELETE FROM dynamic_field_value WHERE object_id = ?'
            . ' AND field_id IN (SELECT id FROM dynamic_field WHERE object_type = ?)',
        Bind => [ \$ObjectID, \$Param{ObjectType} ],
    ) && $DBObject->Do(
        SQL  => 'DELETE FROM dynamic_field_obj_id_name WHERE object_id = ?',
        Bind => [ \$ObjectID ],
    );
}

# After a record has been renamed: the helpdesk's own event leaves the values behind when only the case of the key differs.
sub Follow {
    my ( $Self, %Param ) = @_;

    return 1 if !$Self->_ObjectID( ObjectType => $Param{ObjectType}, Key => $Param{Old} );

    return $Kernel::OM->Get('Kernel::System::DynamicField')->ObjectMappingNameChange(
        OldObjectName => $Param{Old},
        NewObjectName => $Param{New},
        ObjectType    => $Param{ObjectType},
    );
}

# The helpdesk's caches of one record; why, is told in Kind.pm.
sub CacheForget {
    my ( $Self, %Param ) = @_;

    my $ObjectID = $Self->_ObjectID(%Param) || return 1;
    eval { $Kernel::OM->Get('Kernel::System::Cache')->Delete( Type => 'DynamicFieldValue', Key => "ValueGet::ObjectID::$ObjectID" ) };

    return 1;
}

# What a write that was rolled back, or a renamed record, may have left in the caches: ids that are no more, or another's.
sub CacheForgetAll {
    my ( $Self, %Param ) = @_;

    for my $Type (qw(DynamicFieldValue DynamicFieldObjectMappingObjectID DynamicFieldObjectMappingObjectName)) {
        eval { $Kernel::OM->Get('Kernel::System::Cache')->CleanUp( Type => $Type ) };
    }

    return 1;
}

1;
