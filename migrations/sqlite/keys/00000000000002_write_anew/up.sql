-- SQLite writes over what is deleted (secure_delete), so that there is nothing to do here.
SELECT 1;
