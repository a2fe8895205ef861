DROP FUNCTION write_keys_anew();
