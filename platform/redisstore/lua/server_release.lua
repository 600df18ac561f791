-- 아직 굳지 않은 임대를 거둔다. 거두고 나면 그 서버는 그 판을 만들 수 없다.
-- KEYS[1]  {fleet}:lease:<match>  string
-- KEYS[2]  {fleet}:servers        zset
-- ARGV     1 match_id  2 서버 hash의 앞머리({fleet}:server:)
-- 답       'RELEASED', 'CONFIRMED'(서버가 이미 굳혀 거둘 수 없다), 'GONE'(임대가 없다) 가운데 하나
-- 불변조건 답이 'CONFIRMED'가 아니면 이 판을 만들 수 있는 서버는 이제 없다.
local held = redis.call('GET', KEYS[1])
if not held then
  return 'GONE'
elseif string.sub(held, 1, 10) == 'confirmed:' then
  return 'CONFIRMED'
end
redis.call('DEL', KEYS[1])
if redis.call('HDEL', ARGV[2] .. held, 'lease:' .. ARGV[1]) == 1 then
  redis.call('ZINCRBY', KEYS[2], -1, held)
end
return 'RELEASED'
