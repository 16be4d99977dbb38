//! The tables, printed from the migrated database; a test compares.

diesel::table! {
    announcements (company_id, cycle, publication, unit) {
        company_id -> Uuid,
        cycle -> Uuid,
        publication -> Integer,
        unit -> Text,
        announced_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    appeal_readers (company_id, appeal) {
        company_id -> Uuid,
        appeal -> Uuid,
        cycle -> Uuid,
        kind -> Text,
        subject -> Text,
        readers -> Array<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    approvals (company_id, step) {
        company_id -> Uuid,
        step -> Uuid,
        cycle -> Uuid,
        run -> Integer,
        stage -> Text,
        unit -> Text,
        place -> Integer,
        categories -> Array<Text>,
    }
}

diesel::table! {
    assignments (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        cycle -> Uuid,
        kind -> Text,
        subject -> Text,
        edition -> Integer,
        rater_column -> Text,
        items -> Nullable<Array<Text>>,
        rater_kind -> Text,
        rater -> Text,
        named_by -> Nullable<Text>,
        until -> Nullable<Date>,
        state -> Text,
        optional -> Bool,
        missing -> Integer,
        reason -> Nullable<Text>,
        replaces -> Nullable<Uuid>,
        acted_by -> Nullable<Text>,
        given -> Jsonb,
        evidence -> Jsonb,
        submitted_at -> Nullable<Timestamptz>,
        version -> BigInt,
        may_decline -> Bool,
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
        company_carried -> Jsonb,
        computed_at -> Nullable<Timestamptz>,
        published_at -> Nullable<Timestamptz>,
        version -> BigInt,
        name -> Nullable<Text>,
        publications -> Integer,
    }
}

diesel::table! {
    duties (company_id, step) {
        company_id -> Uuid,
        step -> Uuid,
        cycle -> Uuid,
        duty -> Text,
        number -> Text,
        what -> Nullable<Text>,
        done_on -> Nullable<Date>,
        done_by -> Nullable<Text>,
        note -> Nullable<Text>,
        struck_by -> Nullable<Text>,
        struck_why -> Nullable<Text>,
        struck_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    entries (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        cycle -> Uuid,
        kind -> Text,
        subject -> Text,
        list -> Text,
        cells -> Jsonb,
        said -> Nullable<Text>,
        made_by -> Text,
        made_at -> Timestamptz,
        withdrawn_by -> Nullable<Text>,
        withdrawn_at -> Nullable<Timestamptz>,
        state -> Text,
        report -> Nullable<Uuid>,
        document -> Nullable<Uuid>,
    }
}

diesel::table! {
    fact_checks (company_id, step) {
        company_id -> Uuid,
        step -> Uuid,
        cycle -> Uuid,
        report -> Uuid,
        place -> Integer,
    }
}

diesel::table! {
    fact_reports (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        cycle -> Uuid,
        chain -> Jsonb,
        reported_by -> Text,
        reported_at -> Timestamptz,
    }
}

diesel::table! {
    facts (company_id, cycle, kind, subject, path, giver, no) {
        company_id -> Uuid,
        cycle -> Uuid,
        kind -> Text,
        subject -> Text,
        path -> Text,
        no -> Integer,
        value -> Jsonb,
        latest -> Bool,
        source -> Text,
        said -> Nullable<Text>,
        reason -> Nullable<Text>,
        file -> Nullable<Uuid>,
        made_by -> Text,
        made_at -> Timestamptz,
        giver -> Text,
        state -> Text,
        report -> Nullable<Uuid>,
        rests_on -> Nullable<Uuid>,
        rests_version -> Nullable<BigInt>,
        document -> Nullable<Uuid>,
    }
}

diesel::table! {
    files (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        cycle -> Nullable<Uuid>,
        sha256 -> Text,
        lines -> BigInt,
        made_by -> Text,
        made_at -> Timestamptz,
    }
}

diesel::table! {
    imported_results (company_id, scheme, cadence, kind, subject, period) {
        company_id -> Uuid,
        scheme -> Text,
        cadence -> Text,
        period -> Text,
        kind -> Text,
        subject -> Text,
        score -> Nullable<Numeric>,
        grade -> Nullable<Text>,
        outcomes -> Array<Text>,
        made_by -> Text,
        made_at -> Timestamptz,
        version -> BigInt,
    }
}

diesel::table! {
    interviews (company_id, step) {
        company_id -> Uuid,
        step -> Uuid,
        cycle -> Uuid,
        stage -> Text,
        number -> Text,
        arranged_at -> Nullable<Timestamptz>,
        place -> Nullable<Text>,
        held_on -> Nullable<Date>,
        notes -> Nullable<Text>,
        goals -> Jsonb,
        recorded_by -> Nullable<Text>,
        recorded_at -> Nullable<Timestamptz>,
        comment -> Nullable<Text>,
        commented_at -> Nullable<Timestamptz>,
        version -> BigInt,
        minutes -> Nullable<Integer>,
    }
}

diesel::table! {
    moves (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        cycle -> Uuid,
        kind -> Text,
        subject -> Text,
        figure -> Text,
        points -> Nullable<Numeric>,
        code -> Nullable<Text>,
        from_value -> Nullable<Text>,
        reason -> Text,
        made_by -> Text,
        made_at -> Timestamptz,
        withdrawn_by -> Nullable<Text>,
        withdrawn_why -> Nullable<Text>,
        withdrawn_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    namings (company_id, cycle, kind, subject, rater_column, item) {
        company_id -> Uuid,
        cycle -> Uuid,
        kind -> Text,
        subject -> Text,
        rater_column -> Text,
        item -> Text,
        whole -> Bool,
    }
}

diesel::table! {
    notes (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        kind -> Text,
        subject -> Text,
        about -> Text,
        happened_on -> Date,
        text -> Text,
        made_by -> Text,
        made_at -> Timestamptz,
        document -> Nullable<Uuid>,
    }
}

diesel::table! {
    opinions (company_id, step) {
        company_id -> Uuid,
        step -> Uuid,
        cycle -> Uuid,
        stage -> Text,
        number -> Text,
        result_version -> BigInt,
        words -> Text,
        stated_at -> Timestamptz,
        digest -> Text,
    }
}

diesel::table! {
    posted_texts (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        cycle -> Uuid,
        stage -> Text,
        title -> Text,
        body -> Text,
        posted_by -> Text,
        posted_at -> Timestamptz,
        asked_to -> Text,
        asked_all -> Bool,
    }
}

diesel::table! {
    publications (company_id, cycle, no) {
        company_id -> Uuid,
        cycle -> Uuid,
        no -> Integer,
        made_by -> Text,
        made_at -> Timestamptz,
        results -> BigInt,
        announced_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    recusals (company_id, cycle, kind, subject, rater) {
        company_id -> Uuid,
        cycle -> Uuid,
        subject -> Text,
        rater -> Text,
        reason -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamptz,
        kind -> Text,
    }
}

diesel::table! {
    redos (company_id, appeal, attempt) {
        company_id -> Uuid,
        appeal -> Uuid,
        attempt -> Integer,
        cycle -> Uuid,
        kind -> Text,
        subject -> Text,
        annulled_edition -> Integer,
        edition -> Nullable<Integer>,
        raters -> Jsonb,
        reason -> Text,
        decided_by -> Text,
        due -> Nullable<Date>,
        done_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    reports (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        cycle -> Uuid,
        stage -> Text,
        subject -> Text,
        answers -> Jsonb,
        state -> Text,
        handed_in_by -> Nullable<Text>,
        handed_in_on -> Nullable<Date>,
        version -> BigInt,
        kind -> Text,
    }
}

diesel::table! {
    result_sources (company_id, cycle, kind, subject, version, value_of, path) {
        company_id -> Uuid,
        cycle -> Uuid,
        kind -> Text,
        subject -> Text,
        version -> BigInt,
        value_of -> Text,
        path -> Text,
        value -> Jsonb,
        rests_on -> Uuid,
        rests_version -> BigInt,
    }
}

diesel::table! {
    results (company_id, cycle, kind, subject, version) {
        company_id -> Uuid,
        cycle -> Uuid,
        subject -> Text,
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
        kind -> Text,
        edition -> Integer,
        outputs -> Jsonb,
        inputs -> Text,
        run -> Integer,
        publication -> Nullable<Integer>,
        because -> Nullable<Text>,
        document -> Nullable<Text>,
        annulled_at -> Nullable<Timestamptz>,
        annulled_why -> Nullable<Text>,
        documents -> Array<Uuid>,
    }
}

diesel::table! {
    run_missing (company_id, cycle, kind, subject) {
        company_id -> Uuid,
        cycle -> Uuid,
        kind -> Text,
        subject -> Text,
        errors -> Jsonb,
    }
}

diesel::table! {
    run_pieces (company_id, cycle, piece) {
        company_id -> Uuid,
        cycle -> Uuid,
        piece -> Text,
        subjects -> BigInt,
        state -> Text,
        carried -> Nullable<Jsonb>,
        done_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    runs (company_id, cycle, no) {
        company_id -> Uuid,
        cycle -> Uuid,
        no -> Integer,
        company_facts -> Jsonb,
        started_by -> Text,
        started_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    sheets (company_id, cycle, kind, subject, edition) {
        company_id -> Uuid,
        cycle -> Uuid,
        kind -> Text,
        subject -> Text,
        edition -> Integer,
        id -> Uuid,
        counts -> Bool,
        rows -> Jsonb,
        weights -> Jsonb,
        priorities -> Array<Text>,
        settled_version -> BigInt,
        version -> BigInt,
    }
}

diesel::table! {
    signatures (company_id, step) {
        company_id -> Uuid,
        step -> Uuid,
        cycle -> Uuid,
        stage -> Text,
        number -> Text,
        capacity -> Text,
        posted -> Nullable<Uuid>,
        run -> Nullable<Integer>,
        lapses -> Bool,
        sha256 -> Nullable<Text>,
    }
}

diesel::table! {
    signed_texts (company_id, sha256) {
        company_id -> Uuid,
        sha256 -> Text,
        words -> Text,
    }
}

diesel::table! {
    spot_checks (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        cycle -> Uuid,
        stage -> Text,
        unit -> Text,
        checker -> Text,
        state -> Text,
        subjects -> Array<Text>,
        drawn_by -> Text,
        drawn_at -> Timestamptz,
    }
}

diesel::table! {
    subjects (company_id, cycle, kind, subject) {
        company_id -> Uuid,
        cycle -> Uuid,
        kind -> Text,
        subject -> Text,
        name -> Text,
        unit -> Text,
        position -> Nullable<Text>,
        category -> Nullable<Text>,
        own_category -> Nullable<Text>,
        superior -> Nullable<Text>,
        superior_above -> Nullable<Text>,
        head -> Nullable<Text>,
        co_head -> Nullable<Text>,
        head_since -> Nullable<Date>,
        leader -> Nullable<Text>,
        dotted -> Nullable<Text>,
        hired_on -> Nullable<Date>,
        left_on -> Nullable<Date>,
        facts -> Jsonb,
        standing -> Text,
        why -> Nullable<Text>,
        version -> BigInt,
        left_out_why -> Nullable<Text>,
        left_out_by -> Nullable<Text>,
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
        holder -> Text,
        subject -> Text,
        subject_name -> Text,
        due -> Nullable<Date>,
        done -> Bool,
        version -> BigInt,
        count -> BigInt,
    }
}

diesel::table! {
    units (company_id, code) {
        company_id -> Uuid,
        code -> Text,
        head -> Nullable<Text>,
        headships -> Jsonb,
        version -> BigInt,
    }
}

diesel::table! {
    warnings (company_id, cycle, piece, code) {
        company_id -> Uuid,
        cycle -> Uuid,
        piece -> Text,
        code -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query! {
    announcements,
    appeal_readers,
    approvals,
    assignments,
    cycles,
    duties,
    entries,
    fact_checks,
    fact_reports,
    facts,
    files,
    imported_results,
    interviews,
    moves,
    namings,
    notes,
    opinions,
    posted_texts,
    publications,
    recusals,
    redos,
    reports,
    result_sources,
    results,
    run_missing,
    run_pieces,
    runs,
    sheets,
    signatures,
    signed_texts,
    spot_checks,
    subjects,
    tasks,
    units,
    warnings,
}
