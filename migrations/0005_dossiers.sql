-- Dossiers, nominations, documents.
SELECT 1;
