//! The tables, printed from the migrated database; a test compares.

diesel::table! {
    closing_units (company_id, cycle, piece) {
        company_id -> Uuid,
        cycle -> Uuid,
        piece -> Text,
        people -> BigInt,
        state -> Text,
        problem -> Nullable<Jsonb>,
        carried -> Nullable<Jsonb>,
        done_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    corrections (company_id, cycle, number, version) {
        company_id -> Uuid,
        cycle -> Uuid,
        number -> Text,
        version -> BigInt,
        inputs -> Jsonb,
        evidence -> Jsonb,
    }
}

diesel::table! {
    cycles (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        scheme_code -> Text,
        scheme_version -> Integer,
        scheme_source -> Text,
        cadence -> Text,
        period -> Text,
        parameters -> Jsonb,
        company_facts -> Jsonb,
        stages -> Jsonb,
        state -> Text,
        released -> Bool,
        sheets_expected -> BigInt,
        company_carried -> Jsonb,
        closing_since -> Nullable<Timestamptz>,
        closed_at -> Nullable<Timestamptz>,
        published_at -> Nullable<Timestamptz>,
        announced_at -> Nullable<Timestamptz>,
        version -> BigInt,
    }
}

diesel::table! {
    interviews (company_id, cycle, number) {
        company_id -> Uuid,
        cycle -> Uuid,
        number -> Text,
        held_on -> Date,
        notes -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    recusals (company_id, cycle, number, rater) {
        company_id -> Uuid,
        cycle -> Uuid,
        number -> Text,
        rater -> Text,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    results (company_id, cycle, number, version) {
        company_id -> Uuid,
        cycle -> Uuid,
        number -> Text,
        version -> BigInt,
        id -> Uuid,
        unit -> Text,
        name -> Text,
        category -> Nullable<Text>,
        superior -> Nullable<Text>,
        excluded -> Nullable<Text>,
        score -> Nullable<Numeric>,
        grade -> Nullable<Text>,
        coefficient -> Nullable<Numeric>,
        outcomes -> Array<Text>,
        interview -> Array<Text>,
        scores -> Jsonb,
        carried -> Jsonb,
        explanation -> Text,
        reason -> Nullable<Text>,
        made_by -> Text,
        made_at -> Timestamptz,
    }
}

diesel::table! {
    sheets (company_id, cycle, number) {
        company_id -> Uuid,
        cycle -> Uuid,
        number -> Text,
        id -> Uuid,
        unit -> Text,
        name -> Text,
        category -> Nullable<Text>,
        position -> Nullable<Text>,
        superior -> Nullable<Text>,
        hired_on -> Nullable<Date>,
        left_on -> Nullable<Date>,
        facts -> Jsonb,
        entered_facts -> Jsonb,
        weights -> Jsonb,
        priorities -> Array<Text>,
        settled_version -> BigInt,
        inputs -> Jsonb,
        evidence -> Jsonb,
        submitted -> Jsonb,
        missing_parts -> Array<Text>,
        open_parts -> Array<Text>,
        complete -> Nullable<Bool>,
        version -> BigInt,
    }
}

diesel::table! {
    tasks (company_id, cycle, key) {
        company_id -> Uuid,
        cycle -> Uuid,
        key -> Text,
        stage -> Text,
        label_zh -> Text,
        label_en -> Text,
        assignee -> Text,
        subject -> Text,
        subject_name -> Text,
        due -> Nullable<Date>,
        done -> Bool,
        version -> BigInt,
    }
}

diesel::table! {
    unit_results (company_id, cycle, unit) {
        company_id -> Uuid,
        cycle -> Uuid,
        unit -> Text,
        score -> Nullable<Numeric>,
        grade -> Nullable<Text>,
        coefficient -> Nullable<Numeric>,
        outcomes -> Array<Text>,
        carried -> Jsonb,
    }
}

diesel::table! {
    units (company_id, cycle, code) {
        company_id -> Uuid,
        cycle -> Uuid,
        code -> Text,
        name -> Text,
        category -> Nullable<Text>,
        head -> Nullable<Text>,
        facts -> Jsonb,
        entered_facts -> Jsonb,
        score -> Nullable<Text>,
        score_by -> Nullable<Text>,
        announced_at -> Nullable<Timestamptz>,
    }
}

diesel::allow_tables_to_appear_in_same_query! {
    closing_units,
    corrections,
    cycles,
    interviews,
    recusals,
    results,
    sheets,
    tasks,
    unit_results,
    units,
}
