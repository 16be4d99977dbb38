-- Planning begins to listen to roles, to the rules of bodies and to delegations: it asks who decides about plans.
alter table companies alter column told_to set default 7;
