-- Score frames, scorecards, initiatives, discipline, proceedings.
SELECT 1;
