-- one row per load and file in it, newest first
select
    l.load_id,
    l.user_name,
    l.status,
    l.started_at,
    l.finished_at,
    l.exported_at,
    l.as_of,
    f.* exclude (load_id, status),
    f.status as file_status,
from loads as l
left join files as f on l.load_id = f.load_id
order by l.load_id desc, f.file_id
