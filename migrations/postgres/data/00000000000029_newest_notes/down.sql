DROP INDEX note_newest;
