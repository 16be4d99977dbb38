drop table directory_delegations;
