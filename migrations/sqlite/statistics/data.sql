-- How many rows of the tables about children share the first columns of an index, from which SQLite chooses its indexes.
-- Given anew after each migration, and the same everywhere: an embedded database is asked in one way from its first day,
-- whatever it holds, and by the connections that were open before anything was in it. Without these SQLite takes ten rows
-- for an institution, and reads all of it where the rows of one child are asked for.
--
-- The numbers are of fifty institutions with a thousand children each, after six years: the rows in all, then those that
-- share the first column, the first two, and so on. A table of which nothing is said here is taken as SQLite takes it.
ANALYZE sqlite_schema;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('additional_group', 'additional_group', '5000 100 1'),
    ('additional_group', 'additional_group_group', '5000 100 10 1 1 1'),
    ('additional_group', 'additional_group_pupil', '5000 100 2 1 1 1'),
    ('audit_entry', 'sqlite_autoindex_audit_entry_1', '10000000 200000 1'),
    ('audit_object', 'audit_object', '30000000 600000 500 250 2 1'),
    ('follow_up', 'follow_up_day', '50000 1000 5 1'),
    ('follow_up', 'follow_up_pupil', '50000 1000 2'),
    ('follow_up', 'follow_up_registration', '50000 1000 2 1'),
    ('follow_up', 'sqlite_autoindex_follow_up_1', '50000 1000 1'),
    ('goal', 'goal_group', '50000 1000 30 1'),
    ('goal', 'sqlite_autoindex_goal_1', '50000 1000 1'),
    ('goal_offer', 'goal_offer_goal', '150000 3000 3 1 1'),
    ('goal_offer', 'sqlite_autoindex_goal_offer_1', '150000 3000 1'),
    ('goal_pupil', 'goal_pupil', '300000 6000 6 1'),
    ('goal_pupil', 'goal_pupil_pupil', '300000 6000 6'),
    ('groups', 'sqlite_autoindex_groups_1', '10000 200 1'),
    ('note', 'note_author', '2000000 40000 500'),
    ('note', 'note_newest', '2000000 40000 1 1 1 1'),
    ('note', 'note_pupil', '2000000 40000 40 1'),
    ('note', 'sqlite_autoindex_note_1', '2000000 40000 1'),
    ('note_revision', 'sqlite_autoindex_note_revision_1', '200000 4000 2 1'),
    ('placement', 'placement', '150000 3000 1'),
    ('placement', 'placement_group', '150000 3000 30 1'),
    ('placement', 'placement_open', '50000 1000 1'),
    ('placement', 'placement_pupil', '150000 3000 3 1 1 1'),
    ('placement', 'placement_transition', '100000 2000 1000'),
    ('pupil', 'sqlite_autoindex_pupil_1', '50000 1000 1'),
    ('registration', 'registration', '400000 8000 1'),
    ('registration', 'registration_group', '400000 8000 60'),
    ('registration', 'registration_pupil', '400000 8000 8 1 1'),
    ('registration_version', 'sqlite_autoindex_registration_version_1', '500000 10000 2 1'),
    ('user_group', 'user_group', '10000 200 2 1'),
    ('user_group', 'user_group_group', '10000 200 2'),
    ('users', 'sqlite_autoindex_users_1', '5000 100 1');
