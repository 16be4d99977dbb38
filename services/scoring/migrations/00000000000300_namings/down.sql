drop table namings;
