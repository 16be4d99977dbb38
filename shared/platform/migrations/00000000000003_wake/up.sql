-- Tells whoever waits for work that a table has got some, when the transaction commits.
create function tell_schema() returns trigger language plpgsql as $$
begin
    if exists (select from changed) then
        perform pg_notify('steelyard.' || tg_table_schema, tg_table_name);
    end if;
    return null;
end $$;

-- Lets a table tell of rows that it gets and that change in it.
create procedure tells(name text) language plpgsql as $$
begin
    execute format('create trigger tells_of_new after insert on %I
        referencing new table as changed for each statement execute function tell_schema()', name);
    execute format('create trigger tells_of_changed after update on %I
        referencing new table as changed for each statement execute function tell_schema()', name);
end $$;

create trigger tells_of_new after insert on outbox
    referencing new table as changed for each statement execute function tell_schema();
create trigger tells_of_new after insert on audit_entries
    referencing new table as changed for each statement execute function tell_schema();
