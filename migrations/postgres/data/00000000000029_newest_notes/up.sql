-- What a search of notes asks besides the lines, in the order in which they were made: it is answered from the index alone.

CREATE INDEX note_newest ON note (institution_id, id, pupil_id, author_id, observed_on);
