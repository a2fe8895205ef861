DROP TABLE destruction_item;
DROP TABLE destruction;
DROP TABLE statutory_term;
DROP TABLE retention_policy;
