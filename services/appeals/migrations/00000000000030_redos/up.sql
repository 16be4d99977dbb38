-- A result that was given unfairly is annulled, and redone by others on a new edition of its sheet.
alter table remedies add column redo jsonb;
