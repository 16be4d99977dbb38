-- A result that was given unfairly is annulled, and redone by others on a new edition of its sheet.
alter table remedies add column redo jsonb;
-- Annulment is a remedy of its own now.
update remedies set reassess = reassess - 'annul' where reassess ? 'annul';
