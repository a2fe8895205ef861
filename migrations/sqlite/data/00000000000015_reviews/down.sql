DROP TABLE disclosure;
DROP TABLE log_review;
