//! The tables, printed from the migrated database; a test compares.

diesel::table! {
    accounts (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        username -> Text,
        password_hash -> Text,
        employee -> Nullable<Text>,
        roles -> Array<Text>,
        disabled -> Bool,
        version -> BigInt,
        created_at -> Timestamptz,
        must_change_password -> Bool,
    }
}

diesel::table! {
    assignments (company_id, number, from_day) {
        company_id -> Uuid,
        number -> Text,
        from_day -> Date,
        unit -> Text,
        position -> Nullable<Text>,
        category -> Nullable<Text>,
        superior -> Nullable<Text>,
        dotted_superior -> Nullable<Text>,
    }
}

diesel::table! {
    bodies (company_id, code) {
        company_id -> Uuid,
        code -> Text,
        name_zh -> Text,
        name_en -> Text,
        rule -> Jsonb,
        version -> BigInt,
    }
}

diesel::table! {
    client_homes (client) {
        client -> Uuid,
        tenant -> Uuid,
    }
}

diesel::table! {
    clients (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        name -> Text,
        scopes -> Array<Text>,
        secret_hash -> Binary,
        version -> BigInt,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    companies (id) {
        id -> Uuid,
        code -> Text,
        name -> Text,
        currency -> Text,
        heads_on -> Date,
        created_at -> Timestamptz,
        told_to -> Integer,
    }
}

diesel::table! {
    delegations (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        delegator -> Text,
        delegate -> Text,
        purpose -> Text,
        from_on -> Date,
        until_on -> Date,
        reason -> Text,
        made_by -> Text,
        made_at -> Timestamptz,
        revoked_by -> Nullable<Text>,
        revoked_at -> Nullable<Timestamptz>,
        version -> BigInt,
    }
}

diesel::table! {
    employees (company_id, number) {
        company_id -> Uuid,
        number -> Text,
        name -> Text,
        email -> Nullable<Text>,
        locale -> Text,
        hired_on -> Nullable<Date>,
        left_on -> Nullable<Date>,
        facts -> Jsonb,
        version -> BigInt,
    }
}

diesel::table! {
    heads (company_id, unit, office, from_on) {
        company_id -> Uuid,
        unit -> Text,
        number -> Text,
        office -> Text,
        from_on -> Date,
        until_on -> Nullable<Date>,
    }
}

diesel::table! {
    seats (company_id, body, place) {
        company_id -> Uuid,
        body -> Text,
        place -> Integer,
        number -> Text,
        office -> Text,
        in_charge -> Array<Text>,
        represents -> Nullable<Text>,
        from_on -> Date,
        until_on -> Nullable<Date>,
    }
}

diesel::table! {
    sign_in_attempts (company_id, name, address) {
        company_id -> Uuid,
        name -> Text,
        address -> Text,
        failures -> Integer,
        locked_until -> Nullable<Timestamptz>,
        succeeded_at -> Nullable<Timestamptz>,
        last_at -> Timestamptz,
    }
}

diesel::table! {
    units (company_id, code) {
        company_id -> Uuid,
        code -> Text,
        name -> Text,
        parent -> Nullable<Text>,
        category -> Nullable<Text>,
        facts -> Jsonb,
        head -> Nullable<Text>,
        appointed_head -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    working_calendars (company_id) {
        company_id -> Uuid,
        non_working_days -> Array<Date>,
        working_days -> Array<Date>,
        version -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query! {
    accounts,
    assignments,
    bodies,
    client_homes,
    clients,
    companies,
    delegations,
    employees,
    heads,
    seats,
    sign_in_attempts,
    units,
    working_calendars,
}
